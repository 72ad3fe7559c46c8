"""Deleting conversations for good.

The first step makes the conversation a tombstone, which no query of its owner or of anybody else matches; what
belonged to it goes after that. A move of messages into a page that was slow may still leave a page behind, and a
crash may end the deletion half-way: the tombstone stays for a day, and then housekeeping deletes all of it again.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.failpoints import reach
from chatapp.repositories.changes import conversation_deleted, last_change
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import HEADER, Document

TEMPORARY_FOR = timedelta(hours=24)
"""How long a temporary conversation outlives its last activity."""

TOMBSTONE_FOR = timedelta(hours=24)
"""How long a tombstone stands: far longer than any write can be on its way."""

_CONTENTS = dict.fromkeys([*(name for name in HEADER if name != "userId"), "pagedCount", "windowBytes", "branches"], "")
_EMPTIED = {**_CONTENTS, "edits": "", "messages": ""}
_ONE_ROUND = 200


class Purging:
    """Takes conversations away with everything that belongs to them."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._belongings = [database[name] for name in ("message_pages", "generations", "chat_sessions")]

    def purge(self, owned: Document) -> bool:
        """Deletes the conversation that ``owned`` matches, by ``_id`` and ``userId``; False where it matches none."""
        change = last_change(str(owned["userId"]), conversation_deleted())
        tombstone = {"$set": {"purgedAt": utc_now(), "lastChange": change}, "$unset": _EMPTIED}
        if not self._conversations.update_one(owned, tombstone).matched_count:
            return False
        reach("purge.buried")
        self._delete_belongings(owned)
        return True

    def housekeeping(self) -> int:
        """Deletes what is due; says how many conversations it dealt with.

        It asks across all users, by indexes that hold nothing but what is to be deleted, and deletes by owner.
        """
        now = utc_now()
        return self._purge_temporary(now - TEMPORARY_FOR) + self._clear_tombstones(now - TOMBSTONE_FOR)

    def _purge_temporary(self, before: Any) -> int:
        unused = {"temporary": True, "updatedAt": {"$lt": before}, "generation": None}
        found = list(self._conversations.find(unused, {"userId": 1}).limit(_ONE_ROUND))
        return sum(self.purge({**one, **unused, **NOT_PURGED}) for one in found)

    def _clear_tombstones(self, before: Any) -> int:
        old = list(self._conversations.find({"purgedAt": {"$lt": before}}, {"userId": 1}).limit(_ONE_ROUND))
        for one in old:
            tombstone = {**one, "purgedAt": {"$lt": before}}
            if self._conversations.find_one(tombstone, {"_id": 1}) is None:
                continue  # another worker cleared it, and its key may have made a conversation since
            self._delete_belongings(one)
            self._conversations.delete_one(tombstone)
        return len(old)

    def _delete_belongings(self, owned: Document) -> None:
        for collection in self._belongings:
            collection.delete_many({"userId": owned["userId"], "conversationId": owned["_id"]})
            reach(f"purge.{collection.name}")
