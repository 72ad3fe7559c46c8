"""Finds what is not indexed yet, by reading it."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database

from chatapp.repositories.documents import Document
from chatapp.repositories.search_filters import has
from chatapp.repositories.search_index import FRESH, NOT_INDEXED, entries_of, is_sound
from chatapp.repositories.search_repository import Found, found_in
from chatapp.search.query import Query
from chatapp.search.tokens import Indexed
from chatapp.threads import in_real_thread

_FRESH_CONVERSATIONS = 20
_FRESH_MESSAGES, _FRESH_CHARS = 200, 200_000
"""What is not indexed yet is read until it is so much, for some 100 ms: 0.1 to 0.5 for each 1,000 characters."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What was found in messages that are not indexed yet; ``behind`` and ``conversations`` as in ``SearchPage``.

    ``seen`` are the entries that were looked at, found or not: what the index says of them does not count.
    """

    found: tuple[Found, ...]
    seen: tuple[ObjectId, ...]
    behind: int
    complete: bool
    conversations: int | None = None


class FreshRepository:
    """Reads conversations that are not wholly indexed. Every query includes the owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]

    def find(self, query: Query, condition: Document) -> Fresh:
        """What matches of the newest messages that are not indexed yet. ``condition`` is that of ``SearchFilters``."""
        owned = {"userId": condition["userId"], **NOT_INDEXED}
        behind = self._conversations.count_documents(owned, hint="unindexed")
        if not behind:
            return Fresh((), (), 0, complete=True)
        steps: list[Document] = [
            {"$match": owned},
            {"$sort": {"updatedAt": DESCENDING}},
            {"$limit": _FRESH_CONVERSATIONS},
        ]
        complete = behind <= _FRESH_CONVERSATIONS
        room, chars = _FRESH_MESSAGES, _FRESH_CHARS
        entries: list[Document] = []
        for one in self._conversations.aggregate([*steps, {"$project": FRESH}], hint="unindexed", batchSize=5):
            messages = list(filter(is_sound, one["messages"]))
            newest: list[Document] = []
            while len(newest) < len(messages) and room > 0 and chars > 0:
                newest.append(messages[-1 - len(newest)])
                room, chars = room - 1, chars - len(newest[-1]["content"])
            has_all = one.get("indexedCount", 0) >= one["pagedCount"] and len(newest) == len(messages)
            complete = complete and has_all
            entries += in_real_thread(partial(list, entries_of(one, newest)))
        matching = (
            entry
            for entry in entries
            if has(entry, condition) and query.matches(Indexed(entry["tokens"], entry["text"]))
        )
        found = tuple(found_in({**entry, "words": len(entry["tokens"])}, query) for entry in matching)
        seen = tuple(entry["_id"] for entry in entries)
        return Fresh(found, seen, behind, complete, None if complete else self._count_all(condition["userId"]))

    def _count_all(self, owner: ObjectId) -> int:
        kinds: list[tuple[str, Any]] = [("listed", None), ("trashed", {"$type": "date"})]
        kept = {"userId": owner, "temporary": False}
        return sum(self._conversations.count_documents({**kept, "trashedAt": at}, hint=by) for by, at in kinds)
