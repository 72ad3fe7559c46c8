"""Conversations as they are stored, with all their pages, but without the contents of messages."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING
from pymongo.client_session import ClientSession
from pymongo.database import Database

from chatapp.failpoints import reach
from chatapp.maintenance.shapes import SHAPES

Document = dict[str, Any]

_BATCH = 200
"""Conversations that are read from one moment. What is being written meanwhile cannot look like damage."""


def _bytes_of(text: str) -> Document:
    return {"$cond": [{"$eq": [{"$type": text}, "string"]}, {"$strLenBytes": text}, 0]}


_ENTRIES: Document = {
    "$map": {
        "input": "$messages",
        "as": "message",
        "in": {
            "id": "$$message.id",
            "parentId": "$$message.parentId",
            "size": {"$add": [_bytes_of("$$message.content"), _bytes_of("$$message.reasoning.text")]},
        },
    }
}
_FIELDS = ("userId", "messageCount", "pagedCount", "windowBytes", "activeMessageId", "branches", "edits")


@dataclass(frozen=True, slots=True)
class Entry:
    """A message; ``size`` is that of its content and reasoning in bytes."""

    id: str
    parent_id: str | None
    size: int


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page, with what it says about itself."""

    id: ObjectId
    first: int
    count: int
    byte_count: int
    entries: list[Entry]


@dataclass(frozen=True, slots=True)
class StoredConversation:
    """A conversation, with what it says about itself. Its log is the pages below ``paged_count``, then the window."""

    id: ObjectId
    user_id: ObjectId
    message_count: int
    paged_count: int
    window_bytes: int
    active_message_id: str | None
    running_id: str | None
    branches: dict[str, list[str]]
    edits: int
    window: list[Entry]
    pages: list[StoredPage]

    @property
    def log(self) -> Iterator[Entry]:
        """All messages, oldest first."""
        for page in self.pages:
            if page.first < self.paged_count:
                yield from page.entries
        yield from self.window


def stored_conversations(database: Database[Document]) -> Iterator[StoredConversation]:
    """All conversations of all users that are not misshapen, each as it was at one moment.

    Holds a batch without pages, and one with.
    """
    last = ObjectId("0" * 24)
    while True:
        with database.client.start_session(snapshot=True) as session:
            batch = _conversations_after(database, last, session)
            for document in batch:
                reach("check.conversation_read")
                yield _conversation(document, _pages(database, document, session) if document["pagedCount"] else [])
        if len(batch) < _BATCH:
            return
        last = batch[-1]["_id"]


def _conversations_after(database: Database[Document], last: ObjectId, session: ClientSession) -> list[Document]:
    """Across all users: whoever runs the server checks what is stored, and sees nothing but ids and counts."""
    fields = dict.fromkeys(_FIELDS, 1) | {"generation.messageId": 1, "messages": _ENTRIES}
    pipeline: list[Document] = [
        {"$match": {"_id": {"$gt": last}, "purgedAt": {"$exists": False}, **SHAPES["conversations"]}},
        {"$sort": {"_id": ASCENDING}},
        {"$limit": _BATCH},
        {"$project": fields},
    ]
    return list(database["conversations"].aggregate(pipeline, session=session))


def _pages(database: Database[Document], conversation: Document, session: ClientSession) -> list[StoredPage]:
    pipeline: list[Document] = [
        {
            "$match": {
                "userId": conversation["userId"],
                "conversationId": conversation["_id"],
                **SHAPES["message_pages"],
            }
        },
        {"$sort": {"firstPosition": ASCENDING}},
        {"$project": {"firstPosition": 1, "count": 1, "bytes": 1, "messages": _ENTRIES}},
    ]
    return [
        StoredPage(page["_id"], page["firstPosition"], page["count"], page["bytes"], _entries(page))
        for page in database["message_pages"].aggregate(pipeline, session=session)
    ]


def _conversation(document: Mapping[str, Any], pages: list[StoredPage]) -> StoredConversation:
    return StoredConversation(
        id=document["_id"],
        user_id=document["userId"],
        message_count=document["messageCount"],
        paged_count=document["pagedCount"],
        window_bytes=document["windowBytes"],
        active_message_id=document["activeMessageId"],
        running_id=(document.get("generation") or {}).get("messageId"),
        branches=document["branches"],
        edits=document["edits"],
        window=_entries(document),
        pages=pages,
    )


def _entries(document: Mapping[str, Any]) -> list[Entry]:
    return [Entry(entry["id"], entry.get("parentId"), entry["size"]) for entry in document["messages"]]
