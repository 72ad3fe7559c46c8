"""Reads a conversation's log: the window that was read with the conversation, and the pages before it.

Apart from feedback, pages below a window's ``paged_count`` never change, so a window and the pages read after it always
fit together, whatever is appended or moved in the meantime.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.database import Database

from chatapp.errors import ConversationNotFound, MessageNotFound
from chatapp.models.chat_models import Conversation, Message, Window
from chatapp.repositories.documents import ROOT, Branches, Document, messages_from

BY_MESSAGE = "message"
"""The name of the index of pages by the ids of their messages."""

Positioned = tuple[Message, int]
"""A message and its position in the log, counted from 0."""


class MessageLog:
    """Finds messages by position, by id, and along the tree."""

    def __init__(self, database: Database[Document]) -> None:
        self._pages: Collection[Document] = database["message_pages"]
        self._conversations: Collection[Document] = database["conversations"]

    def find(self, window: Window, message_id: str) -> Positioned:
        """The message with this id.

        Raises:
            MessageNotFound: it is not in this conversation.
        """
        for index, message in enumerate(window.messages):
            if message.id == message_id:
                return message, window.paged_count + index
        page, index = self._paged(window, message_id)
        return _messages([page["messages"][index]], window)[0], page["firstPosition"] + index

    def backwards(self, window: Window, before: int) -> Iterator[Positioned]:
        """The log from position ``before - 1`` down to 0. A page is read only when it is reached.

        Raises:
            ConversationNotFound: it was deleted for good while it was being read.
        """
        while before > window.paged_count:
            before -= 1
            yield window.messages[before - window.paged_count], before
        while before > 0:
            page = self._page_ending(window, before)
            messages = _messages(page["messages"][: before - page["firstPosition"]], window)
            yield from zip(reversed(messages), range(before - 1, page["firstPosition"] - 1, -1), strict=True)
            before = page["firstPosition"]

    def branch(self, window: Window, message_id: str | None, before: int | None = None) -> Iterator[Positioned]:
        """The message ``message_id``, its parent, its parent's parent and so on, newest first.

        A parent precedes its children in the log, so one walk backwards finds them all. ``before`` is a position known
        to be higher than the message's.
        """
        wanted = message_id
        if wanted is None:
            return
        if before is None:
            before = self._position_after(window, wanted)
        for message, position in self.backwards(window, before):
            if message.id == wanted:
                yield message, position
                wanted = message.parent_id
                if wanted is None:
                    return

    def children(self, window: Window, parent_id: str | None) -> tuple[str, ...]:
        """The ids of a message's children in the log's order; for ``None``, of the messages without a parent."""
        listed = window.branches.get(parent_id or ROOT)
        if listed is not None:
            return listed
        if not window.conversation.message_count or (window.messages and window.messages[-1].id == parent_id):
            return ()
        if window.paged_count and not any(message.id == parent_id for message in window.messages):
            paged = self._paged_child(window, parent_id)
            if paged is not None:
                return (paged,)
        return next(((message.id,) for message in window.messages if message.parent_id == parent_id), ())

    def newest_leaf(self, window: Window, message_id: str) -> str:
        """The newest descendant of ``message_id``; the message itself if it has no children.

        Raises:
            MessageNotFound: it is not in this conversation.
        """
        message, position = self.find(window, message_id)
        descendants, newest = {message.id}, message.id
        for id_, parent_id in self._links_from(window, position):
            if parent_id in descendants:
                descendants.add(id_)
                newest = id_
        return newest

    def _links_from(self, window: Window, position: int) -> Iterator[tuple[str, str | None]]:
        """Id and parent of all messages from about ``position`` on, in the log's order, read without their contents."""
        if position < window.paged_count:
            first = self._page_ending(window, position + 1)["firstPosition"]
            query = {**_pages_of(window), "firstPosition": {"$gte": first, "$lt": window.paged_count}}
            fields = {"messages.id": 1, "messages.parentId": 1}
            for page in self._pages.find(query, fields).sort("firstPosition", ASCENDING):
                yield from ((entry["id"], entry["parentId"]) for entry in page["messages"])
        yield from ((message.id, message.parent_id) for message in window.messages)

    def _position_after(self, window: Window, message_id: str) -> int:
        if window.messages and window.messages[-1].id == message_id:
            return window.conversation.message_count
        return self.find(window, message_id)[1] + 1

    def _page_ending(self, window: Window, before: int) -> Document:
        """The page that holds the position ``before - 1``."""
        query = {**_pages_of(window), "firstPosition": {"$lt": before}}
        page = self._pages.find_one(query, sort=[("firstPosition", DESCENDING)])
        if page is not None and page["firstPosition"] + page["count"] >= before:
            return page
        conversation = window.conversation
        owned = {"_id": ObjectId(conversation.id), "userId": ObjectId(conversation.user_id)}
        if self._conversations.find_one({**owned, "purgedAt": {"$exists": False}}, {"_id": 1}) is None:
            raise ConversationNotFound
        raise LookupError(f"conversation {conversation.id} has no page for position {before - 1}")

    def _paged(self, window: Window, message_id: str) -> tuple[Document, int]:
        """The page that contains the message, and its index in that page.

        Raises:
            MessageNotFound: no page contains it.
        """
        if not window.paged_count:
            raise MessageNotFound
        # With few pages MongoDB may choose to scan them all, and keep that plan when there are many.
        page = self._pages.find_one({**_pages_of(window), "messages.id": message_id}, hint=BY_MESSAGE)
        if page is None:
            raise MessageNotFound
        return page, next(index for index, entry in enumerate(page["messages"]) if entry["id"] == message_id)

    def _paged_child(self, window: Window, parent_id: str | None) -> str | None:
        """The only child of a message in a page, if the child is in a page too. Several would be in ``branches``."""
        first = self._paged(window, parent_id)[0]["firstPosition"] if parent_id is not None else 0
        query = {**_pages_of(window), "messages.parentId": parent_id}
        query["firstPosition"] = {"$gte": first, "$lt": window.paged_count}
        fields = {"messages.id": 1, "messages.parentId": 1}
        # The child usually follows directly, so the search ends with the first page.
        page = self._pages.find_one(query, fields, sort=[("firstPosition", ASCENDING)])
        if page is None:
            return None
        return next(str(entry["id"]) for entry in page["messages"] if entry["parentId"] == parent_id)


def _pages_of(window: Window) -> dict[str, Any]:
    """The pages that are part of the log; one that starts at ``paged_count`` or later is an unfinished move."""
    conversation = window.conversation
    return {
        "userId": ObjectId(conversation.user_id),
        "conversationId": ObjectId(conversation.id),
        "firstPosition": {"$lt": window.paged_count},
    }


def _messages(documents: list[Document], window: Window) -> tuple[Message, ...]:
    conversation: Conversation = window.conversation
    branches: Branches = window.branches
    return messages_from(documents, conversation, branches)
