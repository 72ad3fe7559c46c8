"""Copies of messages for a conversation that begins with them: its pages, and what is in its document."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database

from chatapp.models.chat_models import Message
from chatapp.repositories.documents import Document, message_document
from chatapp.repositories.limits import KEPT_MESSAGES
from chatapp.repositories.message_overflow import count_to_move

_BATCH = 20


def copies(branch: Sequence[Message], conversation_id: str) -> list[Message]:
    """The messages, oldest first, each the answer to the one before. Their new ids are always the same."""
    copied: list[Message] = []
    for message in branch:
        id_ = str(uuid.uuid5(uuid.UUID(int=int(conversation_id, 16)), message.id))
        parent_id = copied[-1].id if copied else None
        copied.append(replace(message, id=id_, parent_id=parent_id, conversation_id=conversation_id))
    return copied


def store_pages(database: Database[Document], messages: Sequence[Message]) -> Document:
    """Stores what does not fit into the document of their conversation. Returns the fields of the document."""
    sizes = [message.size for message in messages]
    pages, paged = [], 0
    for count in _counts(sizes):
        part = slice(paged, paged + count)
        pages.append(_page(messages[part], paged, sum(sizes[part])))
        paged += count
    for first in range(0, len(pages), _BATCH):
        database["message_pages"].bulk_write(pages[first : first + _BATCH])
    return {
        "messages": [message_document(message) for message in messages[paged:]],
        "windowBytes": sum(sizes[paged:]),
        "pagedCount": paged,
    }


def _counts(sizes: list[int]) -> Iterator[int]:
    """How many messages each page holds."""
    at = 0
    while count := min(count_to_move(sizes[at:]), KEPT_MESSAGES):
        yield count
        at += count


def _page(messages: Sequence[Message], first: int, size: int) -> UpdateOne:
    """A page that an earlier attempt has stored stays as it is."""
    key = {
        "userId": ObjectId(messages[0].user_id),
        "conversationId": ObjectId(messages[0].conversation_id),
        "firstPosition": first,
    }
    content = {"messages": [message_document(message) for message in messages]}
    return UpdateOne(key, {"$setOnInsert": {"count": len(messages), "bytes": size, "edits": 0, **content}}, upsert=True)
