"""Finds messages and titles in ``search_entries``.

The order of what is found is that of the entries' ids, newest first. A message has the same id before it is indexed, so
a page continues at its place whatever is indexed meanwhile.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database
from pymongo.errors import OperationFailure

from chatapp.repositories.documents import Document
from chatapp.search.query import Clause, Query

MOST_COUNTED = 1_000

_FEW = 2_500
"""So many messages with a word that begins so are sorted faster than the newest messages are looked through for them:
measured, see docs/decisions/0110."""

_COMPARED, _MOST_COMPARED = 500, 4
"""Entries, and tokens: whose 500th newest entry is the oldest is the rarest of at most 4, the longest ones."""

_MOST_READ = 30_000
"""Entries that are read one by one where no token leads to what is asked for: some 100 ms."""

INDEX_GONE = {2, 175}
"""MongoDB's codes for a hint that names no index, and for a query whose index is dropped meanwhile."""

_NONE = ObjectId("0" * 24)

_HIT: Document = {
    "conversationId": 1,
    "messageId": 1,
    "words": {"$size": "$tokens"},
}


@dataclass(frozen=True, slots=True)
class Found:
    """An entry that matches.

    ``words`` is how many different ones it has, ``whole`` whether the last one asked for is a whole word of it.
    """

    id: ObjectId
    conversation_id: ObjectId
    message_id: str | None
    words: int
    whole: bool


@dataclass(frozen=True, slots=True)
class Way:
    """By which token entries are found, or by tokens with which beginning; without both all after ``oldest`` are read.

    The messages of one token are in order. Those of many tokens are not: if they ``is_common``, the newest messages of
    all are rather looked through, one after the other.
    """

    token: str | None = None
    prefix: str | None = None
    is_common: bool = False
    oldest: ObjectId | None = None


class SearchRepository:
    """Reads the index. Every query includes the owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._entries = database["search_entries"]
        self._conversations = database["conversations"]

    def is_lost(self, owner: ObjectId) -> bool:
        """Whether the user has conversations that are indexed, and no entry of them: somebody dropped them all."""
        owned = {"userId": owner}
        if self._entries.find_one(owned, {"_id": 1}) is not None:
            return False
        indexed = {**owned, "temporary": False, "trashedAt": None, "isIndexed": True}
        return self._conversations.find_one(indexed, {"_id": 1}, hint="listed") is not None

    def way(self, query: Query, condition: Document) -> Way:
        """How to find what is asked for: by its rarest token, or by the beginning of one, or by looking at all.

        So it is, too, while the index of tokens is being built.
        """
        owned = {"userId": condition["userId"]}
        clauses = [one.clause for one in query.asked]
        try:
            led = self._led(owned, clauses)
        except OperationFailure as error:
            if error.code not in INDEX_GONE:
                raise
            led = None
        return led or Way(oldest=self._nth_newest(owned, _MOST_READ, "newest") if clauses else None)

    def _led(self, owned: Document, clauses: Sequence[Clause]) -> Way | None:
        tokens = sorted({token for clause in clauses for token in clause.tokens}, key=len)[-_MOST_COMPARED:]
        if tokens:  # the rarer a token is, the older is its 500th newest entry
            reach = {one: self._nth_newest({**owned, "tokens": one}, _COMPARED, "tokens") or _NONE for one in tokens}
            return Way(min(reach, key=reach.__getitem__))
        prefix = max((clause.prefix for clause in clauses), key=len, default="")
        if not prefix:
            return None
        begun = {**owned, "tokens": _begins(prefix)}
        return Way(prefix=prefix, is_common=self._entries.count_documents(begun, limit=_FEW, hint="tokens") == _FEW)

    def newest(
        self,
        query: Query,
        condition: Document,
        way: Way,
        *,
        skip: Sequence[ObjectId],
        before: ObjectId | None,
        limit: int,
    ) -> list[Found]:
        """The newest entries that match, without those in ``skip``, from ``before`` on."""
        if way.is_common:
            way = Way()
        wanted = _wanted(query, condition, way, skip)
        if before is not None:
            wanted["$and"] = [*wanted.get("$and", []), {"_id": {"$lt": before}}]
        fields = {**_HIT, "last": {"$in": [_last_word(query), "$tokens"]}}
        cursor = self._entries.find(wanted, fields, limit=limit, hint=_index(way, condition)).sort("_id", DESCENDING)
        return [found_in(entry, query) for entry in cursor]

    def count(self, query: Query, condition: Document, way: Way, *, skip: Sequence[ObjectId]) -> int:
        """How many entries match, up to ``MOST_COUNTED``."""
        by = _index(way, condition)
        options: dict[str, Any] = {} if by is None else {"hint": by}
        return self._entries.count_documents(_wanted(query, condition, way, skip), limit=MOST_COUNTED, **options)

    def _nth_newest(self, query: Document, number: int, index: str) -> ObjectId | None:
        """The entry after the ``number`` newest with this, by an index of all of it; ``None`` if there is none."""
        found = self._entries.find(query, {"_id": 1}, skip=number, limit=1, hint=index).sort("_id", DESCENDING)
        return next((entry["_id"] for entry in found), None)


def _index(way: Way, condition: Document) -> str | None:
    """The index to be used; ``None`` where MongoDB has to find out, because the filters may lead to fewer entries."""
    if "$in" in condition.get("conversationId", {}):
        return None
    return "newest" if way.token is None and way.prefix is None else "tokens"


def _wanted(query: Query, condition: Document, way: Way, skip: Sequence[ObjectId]) -> Document:
    parts: list[Document] = []
    if way.token is not None:
        parts.append({"tokens": way.token})
    if way.prefix is not None:
        parts.append({"tokens": _begins(way.prefix)})
    for clause in (one.clause for one in query.asked):
        is_led_to = way.token in clause.tokens or clause.prefix == way.prefix
        if not (clause.is_told and is_led_to):
            parts.append(_has(clause.literal))
    if way.oldest is not None:
        parts.append({"_id": {"$gt": way.oldest}})
    if skip:
        parts.append({"_id": {"$nin": list(skip)}})
    return {**condition, "$and": parts} if parts else dict(condition)


def _has(literal: str) -> Document:
    """In half of the time of a regular expression."""
    return {"$expr": {"$gte": [{"$indexOfBytes": ["$text", {"$literal": literal}]}, 0]}}


def _begins(prefix: str) -> Document:
    return {"$regex": f"^{re.escape(prefix)}"}


def _last_word(query: Query) -> str:
    return query.asked[-1].pieces[-1].text if query.asked else ""


def found_in(entry: Document, query: Query) -> Found:
    """What matches the query, from an entry as it is stored or as ``newest`` projects it."""
    whole = entry["last"] if "last" in entry else _last_word(query) in entry["tokens"]
    return Found(entry["_id"], entry["conversationId"], entry["messageId"], entry["words"], whole)
