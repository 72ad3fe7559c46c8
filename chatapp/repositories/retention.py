"""Puts what nobody has used for long into the trash, where its owner or the operator wants that.

Used is a conversation when something is said in it, when it is read, and when it is taken out of the trash. An owner's
own rule leaves pinned ones alone. The operator's is for all, and also ends what has been in the trash for 30 days.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.repositories.changes import conversation_updated, last_change
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.repositories.purging import Purging
from chatapp.repositories.storage import Storage

TRASH_FOR = timedelta(days=30)
"""How long the trash keeps a conversation under the operator's rule. Without one it keeps it until it is emptied."""

_OWN_RULE = {"settings.retentionDays": {"$gte": 1}}
_BATCH = 200
"""Conversations of each user that are handled at a time; the next time comes within minutes."""


class Retention:
    """Looks through the users who have a rule; through all of them where the operator has one."""

    def __init__(self, database: Database[Document], operators_days: int | None) -> None:
        self._users = database["users"]
        self._conversations = database["conversations"]
        self._purging = Purging(database, Storage(database))
        self._operators_days = operators_days

    def run(self) -> int:
        """Does what is due. Returns how many conversations it handled."""
        users = self._users.find(_OWN_RULE if self._operators_days is None else {}, {"settings.retentionDays": 1})
        return sum(self._handle(user) for user in users)

    def _handle(self, user: Mapping[str, Any]) -> int:
        now, handled = utc_now(), 0
        days = user.get("settings", {}).get("retentionDays")
        if isinstance(days, int | float) and days >= 1:
            handled += self._trash(user["_id"], now, timedelta(days=min(days, 36_500)), pinned=[False])
        if self._operators_days is not None:
            handled += self._trash(user["_id"], now, timedelta(days=self._operators_days), pinned=[False, True])
            handled += self._empty_trash(user["_id"], now - TRASH_FOR)
        return handled

    def _trash(self, user_id: Any, now: datetime, unused_for: timedelta, *, pinned: list[bool]) -> int:
        """Each is looked at once more when it is put away: it may have been used meanwhile."""
        before = now - unused_for
        unused: Document = {"userId": user_id, "temporary": False, "trashedAt": None, "generation": None}
        unused |= {"archived": {"$in": [False, True]}, "pinned": {"$in": pinned}}
        unused |= {"updatedAt": {"$lt": before}, "usedAt": {"$not": {"$gte": before}}}
        change = {"trashedAt": now, "lastChange": last_change(str(user_id), conversation_updated(["trashedAt"]))}
        found = list(self._conversations.find(unused, {"_id": 1}, hint="listed").limit(_BATCH))
        return sum(self._conversations.update_one({**unused, **one}, {"$set": change}).matched_count for one in found)

    def _empty_trash(self, user_id: Any, before: datetime) -> int:
        old = {"userId": user_id, "temporary": False, "trashedAt": {"$type": "date", "$lt": before}}
        found = list(self._conversations.find(old, {"_id": 1}, hint="trashed").limit(_BATCH))
        return sum(self._purging.purge({**old, **one, **NOT_PURGED}) for one in found)
