"""Moving the oldest messages of a full window into a page.

Three steps, each of which may be the last before a crash and may be done again by anybody:

1. read the window, with ``pagedCount`` P and ``edits`` E;
2. insert the page that begins at position P. Nobody sees it yet, since it is not below ``pagedCount``. Where there is
   one already, somebody began this move before: its ids say which messages move, and its contents are replaced if
   they are older than E, so that a verdict given in between is not lost;
3. take its messages out of the window and count them as paged, only if P and E are as they were. Otherwise start over.

No transaction: one that a crash leaves open would hold the conversation's document for a minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.failpoints import reach
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.repositories.limits import KEPT_BYTES, KEPT_MESSAGES, PAGE_BYTES, WINDOW_BYTES, WINDOW_MESSAGES


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A window as it was read, with what must not have changed when its messages are taken out."""

    owned: dict[str, Any]
    paged_count: int
    edits: int
    messages: list[Document]
    sizes: list[int]

    @property
    def page_key(self) -> dict[str, Any]:
        return {
            "userId": self.owned["userId"],
            "conversationId": self.owned["_id"],
            "firstPosition": self.paged_count,
        }


def is_full(message_count: int, byte_count: int) -> bool:
    """Whether a window with so many messages, of so many bytes, has to be shortened before it takes another."""
    return message_count >= WINDOW_MESSAGES or byte_count > WINDOW_BYTES


class MessageOverflow:
    """Shortens windows."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]

    def shorten(self, user_id: str, conversation_id: str) -> None:
        """Moves messages until the window holds at most ``KEPT_MESSAGES`` and ``KEPT_BYTES``.

        Returns without an error where the conversation is gone.
        """
        owned = {"_id": ObjectId(conversation_id), "userId": ObjectId(user_id)}
        while (window := self._read(owned)) and (count := _how_many(window.sizes)):
            reach("overflow.window_read")
            count = self._keep_page(window, count)
            reach("overflow.page_stored")
            self._trim(window, count)
            reach("overflow.trimmed")

    def _read(self, owned: dict[str, Any]) -> _Snapshot | None:
        fields = {"pagedCount": 1, "edits": 1, "messages": 1}
        document = self._conversations.find_one({**owned, **NOT_PURGED}, fields)
        if document is None:
            return None
        messages = document["messages"]
        sizes = [len(message["content"].encode()) for message in messages]
        return _Snapshot(owned, document["pagedCount"], document["edits"], messages, sizes)

    def _keep_page(self, window: _Snapshot, count: int) -> int:
        """Stores the page, or brings up to date the one that is there; says how many messages it holds."""
        content = {"edits": window.edits, "messages": window.messages[:count]}
        measures = {"count": count, "bytes": sum(window.sizes[:count])}
        try:
            self._pages.insert_one({**window.page_key, **measures, **content})
        except DuplicateKeyError:
            return self._renew_page(window)
        return count

    def _renew_page(self, window: _Snapshot) -> int:
        page = self._pages.find_one(window.page_key, {"count": 1, "edits": 1})
        if page is None:  # a purge has taken it away; the window is not what it was either
            return 0
        count = int(page["count"])
        if page["edits"] < window.edits:
            content = {"edits": window.edits, "messages": window.messages[:count]}
            self._pages.update_one({**window.page_key, "edits": {"$lt": window.edits}}, {"$set": content})
        return count

    def _trim(self, window: _Snapshot, count: int) -> None:
        ids = [message["id"] for message in window.messages[:count]]
        unchanged = {**window.owned, **NOT_PURGED, "pagedCount": window.paged_count, "edits": window.edits}
        taken = {"pagedCount": count, "windowBytes": -sum(window.sizes[:count])}
        self._conversations.update_one(unchanged, {"$pull": {"messages": {"id": {"$in": ids}}}, "$inc": taken})


def _how_many(sizes: list[int]) -> int:
    """How many of the oldest messages make the next page; 0 where the window is short enough."""
    surplus = _surplus(sizes)
    held = 0
    for index, size in enumerate(sizes[:surplus]):
        held += size
        if held > PAGE_BYTES:
            return max(1, index)
    return surplus


def _surplus(sizes: list[int]) -> int:
    """How many of the oldest messages are more than a window may keep."""
    surplus = max(0, len(sizes) - KEPT_MESSAGES)
    kept = sum(sizes[surplus:])
    while kept > KEPT_BYTES:
        kept -= sizes[surplus]
        surplus += 1
    return surplus
