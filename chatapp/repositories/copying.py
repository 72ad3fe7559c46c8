"""Copies of messages for a conversation that begins with them: its pages, and what is in its document."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database

from chatapp.models.chat_models import Message
from chatapp.repositories.documents import Document, message_document
from chatapp.repositories.limits import KEPT_MESSAGES
from chatapp.repositories.message_overflow import count_to_move

_BATCH = 10


def copied_id(message_id: str, conversation_id: str) -> str:
    """Of the copy of a message: the same whenever the copy is made."""
    return str(uuid.uuid5(uuid.UUID(int=int(conversation_id, 16)), message_id))


def copies(branch: Iterable[Message], conversation_id: str) -> Iterator[Message]:
    """The messages, newest first, each the answer to the next. What they were made from is beside them: not copied."""
    child: Message | None = None
    for message in branch:
        id_ = copied_id(message.id, conversation_id)
        if child is not None:
            yield replace(child, parent_id=id_)
        child = replace(message, id=id_, conversation_id=conversation_id, edit_of=None, continues=None)
    if child is not None:
        yield child


def store_pages(database: Database[Document], messages: Iterator[Message], sizes: Sequence[int]) -> Document:
    """Stores what does not fit into the document of their conversation. Returns the fields of the document.

    ``messages`` come newest first, ``sizes`` are theirs in bytes, oldest first. A few pages are in memory at once.
    """
    counts = list(_counts(sizes))
    paged = sum(counts)
    window = list(islice(messages, len(sizes) - paged))[::-1]
    pages = _pages(messages, counts)
    while some := list(islice(pages, _BATCH)):
        database["message_pages"].bulk_write(some)
    return {
        "messages": [message_document(message) for message in window],
        "windowBytes": sum(sizes[paged:]),
        "pagedCount": paged,
    }


def _counts(sizes: Sequence[int]) -> Iterator[int]:
    """How many messages each page holds."""
    at = 0
    while count := count_to_move(sizes[at : at + 2 * KEPT_MESSAGES]):
        yield count
        at += count


def _pages(messages: Iterator[Message], counts: list[int]) -> Iterator[UpdateOne]:
    """The newest first, as the messages come."""
    first = sum(counts)
    for count in reversed(counts):
        first -= count
        yield _page(list(islice(messages, count))[::-1], first)


def _page(messages: Sequence[Message], first: int) -> UpdateOne:
    """A page that an earlier attempt has stored stays as it is."""
    key = {
        "userId": ObjectId(messages[0].user_id),
        "conversationId": ObjectId(messages[0].conversation_id),
        "firstPosition": first,
    }
    content = {
        "count": len(messages),
        "bytes": sum(message.size for message in messages),
        "edits": 0,
        "messages": [message_document(message) for message in messages],
    }
    return UpdateOne(key, {"$setOnInsert": content}, upsert=True)
