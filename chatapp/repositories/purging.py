"""Deletes conversations for good.

The first step turns the conversation into a tombstone, which no request matches; its pages, running answer and chat
sessions are deleted after that. A slow move into a page may still insert a page afterwards, and a crash may interrupt
the deletion: the tombstone is kept for a day, and then housekeeping deletes everything again.
"""

from datetime import timedelta
from typing import Any

from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.failpoints import reach
from chatapp.repositories.changes import conversation_deleted, last_change
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.repositories.storage import Storage

TEMPORARY_FOR = timedelta(hours=24)
"""How long a temporary conversation is kept after its last activity."""

TOMBSTONE_FOR = timedelta(hours=24)
"""How long a tombstone is kept: far longer than any write can be in flight."""

_COUNTED = ("messageCount", "pagedCount", "windowBytes", "systemPrompt")
_BATCH = 200


class Purging:
    """Deletes conversations with everything that belongs to them."""

    def __init__(self, database: Database[Document], storage: Storage) -> None:
        self._storage = storage
        self._conversations = database["conversations"]
        self._contents = [
            database[name] for name in ("message_pages", "search_entries", "generations", "chat_sessions")
        ]

    def purge(self, owned: Document) -> bool:
        """Deletes the conversation that ``owned`` matches by ``_id`` and ``userId``; False if it matches none."""
        change = last_change(str(owned["userId"]), conversation_deleted())
        tombstone = {"userId": owned["userId"], "purgedAt": utc_now(), "lastChange": change}
        deleted = self._conversations.find_one_and_replace(owned, tombstone, dict.fromkeys(_COUNTED, 1))
        if deleted is None:
            return False
        reach("purge.tombstone_set")
        count = self._storage.bytes_of(owned, deleted)
        self._delete_contents(owned)
        self._storage.give_back(str(owned["userId"]), count)
        return True

    def housekeeping(self) -> int:
        """Deletes what is due. Returns how many conversations it handled.

        It searches across all users, by indexes that contain only what is due, and deletes by owner.
        """
        now = utc_now()
        return self._purge_temporary(now - TEMPORARY_FOR) + self._clear_tombstones(now - TOMBSTONE_FOR)

    def _purge_temporary(self, before: Any) -> int:
        unused = {"temporary": True, "updatedAt": {"$lt": before}, "generation": None}
        found = list(self._conversations.find(unused, {"userId": 1}).limit(_BATCH))
        return sum(self.purge({**one, **unused, **NOT_PURGED}) for one in found)

    def _clear_tombstones(self, before: Any) -> int:
        old = self._conversations.find({"purgedAt": {"$lt": before}}, {"userId": 1, "purgedAt": 1}).limit(_BATCH)
        return sum(self._clear(tombstone) for tombstone in list(old))

    def _clear(self, tombstone: Document) -> bool:
        """Deletes a tombstone and what is left of its conversation; False if another worker does or has done it.

        The first step claims it by renewing its date: nobody else touches it for another day. As long as it exists, the
        idempotency key of its conversation cannot create another one, whose contents would be deleted here.
        """
        reach("purge.tombstone_read")
        claimed = {**tombstone, "purgedAt": utc_now()}
        if not self._conversations.update_one(tombstone, {"$set": {"purgedAt": claimed["purgedAt"]}}).matched_count:
            return False
        reach("purge.tombstone_claimed")
        self._delete_contents(tombstone)
        self._conversations.delete_one(claimed)
        return True

    def _delete_contents(self, owned: Document) -> None:
        for collection in self._contents:
            collection.delete_many({"userId": owned["userId"], "conversationId": owned["_id"]})
            reach(f"purge.{collection.name}")
