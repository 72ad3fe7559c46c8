"""Moves the oldest messages of a full window into a page.

There are three steps. The process may crash after any of them, and any process may repeat them:

1. Read the window, with ``pagedCount`` P and ``edits`` E.
2. Insert the page that starts at position P. It is not visible yet, because it is not below ``pagedCount``. If there is
   one already, an earlier move was interrupted: that page determines which messages move, and its contents are replaced
   if they are older than E, so that feedback given in between is not lost.
3. Remove its messages from the window and add them to ``pagedCount``, only if P and E are unchanged. Otherwise start
   over.

This is not a transaction: one that a crash leaves open would lock the conversation's document for a minute.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.failpoints import reach
from chatapp.repositories.appending import pause_before
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document, size_of
from chatapp.repositories.limits import KEPT_BYTES, KEPT_MESSAGES, PAGE_BYTES, WINDOW_BYTES, WINDOW_MESSAGES

_ATTEMPTS = 100
"""A window of 1.6 MB never takes more moves than it has messages."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A window as it was read, with the values that must be unchanged when its messages are removed."""

    owned: dict[str, Any]
    paged_count: int
    edits: int
    messages: list[Document]
    sizes: list[int]

    @property
    def page_key(self) -> dict[str, Any]:
        return {"userId": self.owned["userId"], "conversationId": self.owned["_id"], "firstPosition": self.paged_count}


def is_full(message_count: int, byte_count: int) -> bool:
    """Whether a window of this size has to be shortened before a message is added."""
    return message_count >= WINDOW_MESSAGES or byte_count > WINDOW_BYTES


class MessageOverflow:
    """Shortens windows."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]

    def shorten(self, user_id: str, conversation_id: str) -> None:
        """Moves messages until the window holds at most ``KEPT_MESSAGES`` and ``KEPT_BYTES``.

        Returns without an error if the conversation has been deleted. Others may interfere so often that the window is
        still full afterwards: whoever appends to it asks for room in any case.
        """
        owned = {"_id": ObjectId(conversation_id), "userId": ObjectId(user_id)}
        paged_before = -1
        for attempt in range(_ATTEMPTS):
            window = self._read(owned)
            if window is None or not (count := count_to_move(window.sizes)):
                return
            if window.paged_count == paged_before:  # somebody else was faster, or gave feedback meanwhile
                pause_before(attempt)
            paged_before = window.paged_count
            reach("overflow.window_read")
            count = self._store_page(window, count)
            reach("overflow.page_stored")
            self._trim(window, count)
            reach("overflow.trimmed")

    def _read(self, owned: dict[str, Any]) -> _Snapshot | None:
        fields = {"pagedCount": 1, "edits": 1, "messages": 1}
        document = self._conversations.find_one({**owned, **NOT_PURGED}, fields)
        if document is None:
            return None
        messages = document["messages"]
        sizes = [size_of(message) for message in messages]
        return _Snapshot(owned, document["pagedCount"], document["edits"], messages, sizes)

    def _store_page(self, window: _Snapshot, count: int) -> int:
        """Inserts the page, or updates the one that is there. Returns how many messages it holds."""
        content = {"edits": window.edits, "messages": window.messages[:count]}
        sizes = {"count": count, "bytes": sum(window.sizes[:count])}
        try:
            self._pages.insert_one({**window.page_key, **sizes, **content})
        except DuplicateKeyError:
            return self._update_page(window)
        return count

    def _update_page(self, window: _Snapshot) -> int:
        page = self._pages.find_one(window.page_key, {"count": 1})
        if page is None:  # deleted with the conversation, so that the next step matches nothing either
            return 0
        count = int(page["count"])
        content = {"edits": window.edits, "messages": window.messages[:count]}
        self._pages.update_one({**window.page_key, "edits": {"$lt": window.edits}}, {"$set": content})
        return count

    def _trim(self, window: _Snapshot, count: int) -> None:
        ids = [message["id"] for message in window.messages[:count]]
        unchanged = {**window.owned, **NOT_PURGED, "pagedCount": window.paged_count, "edits": window.edits}
        moved = {"pagedCount": count, "windowBytes": -sum(window.sizes[:count])}
        self._conversations.update_one(unchanged, {"$pull": {"messages": {"id": {"$in": ids}}}, "$inc": moved})


def count_to_move(sizes: Sequence[int]) -> int:
    """How many of the oldest messages go into the next page; 0 if the window is short enough.

    ``sizes`` are the bytes of each message, oldest first.
    """
    surplus = _surplus(sizes)
    page_bytes = 0
    for index, size in enumerate(sizes[:surplus]):
        page_bytes += size
        if page_bytes > PAGE_BYTES:
            return max(1, index)
    return surplus


def _surplus(sizes: Sequence[int]) -> int:
    """How many of the oldest messages exceed what a window may keep."""
    surplus = max(0, len(sizes) - KEPT_MESSAGES)
    kept = sum(sizes[surplus:])
    while kept > KEPT_BYTES:
        kept -= sizes[surplus]
        surplus += 1
    return surplus
