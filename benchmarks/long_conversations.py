"""Conversations of any length in a moment, in pages and window as appending would have left them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.documents import message_document

PER_PAGE = 50
CONTENT = "x" * 600


def store_conversation(
    database: Database[dict[str, Any]],
    user_id: str,
    length: int,
    *,
    unpaged: int = PER_PAGE,
    replies: Sequence[int] = (),
    versions: Sequence[int] = (),
) -> str:
    """A conversation with a log of ``length`` messages. Returns its id.

    Args:
        database: where it is stored.
        user_id: its owner.
        length: a chain of so many messages, each the child of the one before.
        unpaged: how many messages the window has at least.
        replies: positions in the chain, from 0. Each gets another reply at the end of the log, and the last reply is
            the one that is shown.
        versions: positions in the chain, from 0. Each message there gets a sibling right after it in the log, which is
            not shown.
    """
    conversation = ConversationRepository(database).create(user_id, title=f"{length} messages")
    owned = {"userId": ObjectId(user_id), "conversationId": ObjectId(conversation.id)}
    log = _chain(user_id, conversation.id, length)
    branches, chain = {}, log
    for position in reversed(versions):
        message = chain[position]
        version = _message(user_id, conversation.id, str(uuid.uuid4()), message["parentId"], Role(message["role"]))
        branches[message["parentId"]] = [message["id"], version["id"]]
        log = [*log[: position + 1], version, *log[position + 1 :]]
    shown = {parent: children[0] for parent, children in branches.items()}
    for position in replies:
        reply = _message(user_id, conversation.id, str(uuid.uuid4()), log[position]["id"], Role.USER)
        branches[log[position]["id"]] = [log[position + 1]["id"], reply["id"]]
        log.append(reply)
    paged = max(0, len(log) - unpaged) // PER_PAGE * PER_PAGE
    sizes = {"count": PER_PAGE, "bytes": PER_PAGE * len(CONTENT), "edits": 0}
    if paged:
        database["message_pages"].insert_many(
            {**owned, **sizes, "firstPosition": first, "messages": log[first : first + PER_PAGE]}
            for first in range(0, paged, PER_PAGE)
        )
    window = {"messages": log[paged:], "pagedCount": paged, "windowBytes": (len(log) - paged) * len(CONTENT)}
    header = {"messageCount": len(log), "activeMessageId": log[-1]["id"], "branches": branches, "shown": shown}
    database["conversations"].update_one({"_id": owned["conversationId"]}, {"$set": {**window, **header}})
    return conversation.id


def message_at(database: Database[dict[str, Any]], conversation_id: str, position: int) -> str:
    """The id of the message at a position in the pages, from 0."""
    first = position // PER_PAGE * PER_PAGE
    page = database["message_pages"].find_one({"conversationId": ObjectId(conversation_id), "firstPosition": first})
    if page is None:
        raise LookupError(f"no page has the position {position}")
    return str(page["messages"][position - first]["id"])


def _chain(user_id: str, conversation_id: str, length: int) -> list[dict[str, Any]]:
    """Questions and answers in turn, oldest first."""
    ids = [str(uuid.uuid4()) for _ in range(length)]
    return [
        _message(user_id, conversation_id, id_, parent_id, Role.USER if index % 2 == 0 else Role.ASSISTANT)
        for index, (id_, parent_id) in enumerate(zip(ids, [None, *ids], strict=False))
    ]


def _message(user_id: str, conversation_id: str, id_: str, parent_id: str | None, role: Role) -> dict[str, Any]:
    return message_document(
        Message(
            id=id_,
            user_id=user_id,
            conversation_id=conversation_id,
            parent_id=parent_id,
            role=role,
            content=CONTENT,
            status=MessageStatus.COMPLETE,
            created_at=datetime.now(UTC),
        )
    )
