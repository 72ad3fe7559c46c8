"""A conversation's whole log, read past the repositories, and what must always hold for it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.models.chat_models import Generation, Message, MessageStatus, NewMessage, Role, Window, beside
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.message_marks import MessageMarks


@dataclass(frozen=True)
class Book:
    """One user's conversation and the repositories on it."""

    database: Database[dict[str, Any]]
    user_id: str
    conversation_id: str
    conversations: ConversationRepository
    messages: MessageRepository

    @property
    def marks(self) -> MessageMarks:
        return MessageMarks(self.database)

    @property
    def key(self) -> tuple[str, str]:
        return self.user_id, self.conversation_id

    def window(self) -> Window:
        return self.conversations.window(*self.key)

    def say(self, content: str = "hello", **fields: Any) -> Message:
        return self.messages.append(
            *self.key, NewMessage(content, fields.pop("message_id", None) or new_id(), **fields)
        )

    def begin_turn(self, window: Window, asked: Message | None, running: Generation, title: str | None = None) -> bool:
        """Begins the turn that ``running`` describes, with the siblings that both messages have."""
        if asked is not None:
            others = self.messages.children(window, asked.parent_id)
            asked = replace(asked, sibling_ids=beside(others, asked.id))
        others = () if asked is not None else self.messages.children(window, running.parent_id)
        answer = Message(
            id=running.message_id,
            user_id=self.user_id,
            conversation_id=self.conversation_id,
            parent_id=running.parent_id,
            role=Role.ASSISTANT,
            content="",
            status=MessageStatus.STREAMING,
            created_at=running.started_at,
            model=running.model,
            sibling_ids=beside(others, running.message_id),
        )
        return self.conversations.turns.begin(window, asked, answer, running.slot, title=title)

    def shown(self, limit: int = 50) -> list[str]:
        """The ids of the active branch, oldest first, page by page."""
        ids: list[str] = []
        cursor = None
        while True:
            page = self.messages.page(*self.key, limit=limit, cursor=cursor)
            ids = [message.id for message in page.items] + ids
            cursor = page.next_cursor
            if cursor is None:
                return ids


def open_book(database: Database[dict[str, Any]], user_id: str | None = None) -> Book:
    """A new conversation; of a new user, unless told."""
    conversations = ConversationRepository(database)
    owner = user_id or str(ObjectId())
    conversation = conversations.create(owner)
    return Book(database, owner, conversation.id, conversations, MessageRepository(database))


def new_id() -> str:
    return str(uuid.uuid4())


def generation(parent_id: str, slot: int = 0) -> Generation:
    return Generation(new_id(), parent_id, "model", utc_now(), slot)


def message(book: Book, content: str, parent_id: str | None, role: Role = Role.USER, **fields: Any) -> Message:
    return Message(
        id=fields.pop("id", None) or new_id(),
        user_id=book.user_id,
        conversation_id=book.conversation_id,
        parent_id=parent_id,
        role=role,
        content=content,
        status=MessageStatus.COMPLETE,
        created_at=fields.pop("created_at", None) or utc_now(),
        **fields,
    )


def stored_log(book: Book) -> list[dict[str, Any]]:
    """Every message in the log's order, from the raw documents; checks that nothing is twice, missing or miscounted."""
    owner, id_ = ObjectId(book.user_id), ObjectId(book.conversation_id)
    document = book.database["conversations"].find_one({"_id": id_, "userId": owner})
    assert document is not None
    log: list[dict[str, Any]] = []
    for page in _pages(book, document["pagedCount"]):
        assert page["firstPosition"] == len(log), "pages follow each other without a gap"
        assert page["count"] == len(page["messages"])
        assert page["bytes"] == sum(len(entry["content"].encode()) for entry in page["messages"])
        log += page["messages"]
    assert len(log) == document["pagedCount"], "what is counted as paged is in pages"
    log += document["messages"]
    assert document["messageCount"] == len(log)
    assert document["windowBytes"] == sum(len(entry["content"].encode()) for entry in document["messages"])
    ids = [entry["id"] for entry in log]
    assert len(ids) == len(set(ids)), "each message is there once"
    return log


def _pages(book: Book, paged_count: int) -> Iterator[dict[str, Any]]:
    query = {"userId": ObjectId(book.user_id), "conversationId": ObjectId(book.conversation_id)}
    visible = {**query, "firstPosition": {"$lt": paged_count}}
    return iter(book.database["message_pages"].find(visible).sort("firstPosition"))
