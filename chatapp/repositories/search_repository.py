"""Finds messages and titles in ``search_entries``, and directly in what is not indexed yet.

The order of what is found is that of the entries' ids, newest first. A message has the same id before it is indexed, so
a page continues at its place whatever is indexed meanwhile.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database

from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.repositories.search_index import FRESH, NOT_INDEXED, entries_of, first_id
from chatapp.search.query import Filters, Query
from chatapp.search.tokens import Indexed
from chatapp.threads import in_real_thread

MOST_COUNTED = 1_000

_FEW = 2_500
"""So many messages with a word that begins so are sorted faster than the newest messages are looked through for them:
measured, see docs/decisions/0110."""

_COMPARED, _MOST_COMPARED = 500, 4
"""Entries, and tokens: whose 500th newest entry is the oldest is the rarest of at most 4, the longest ones."""

_NONE = ObjectId("0" * 24)

_FRESH_CONVERSATIONS = 20
_FRESH_MESSAGES = 200
"""What is not indexed yet is searched up to here. Reading it takes about 0.1 ms for each message."""

_HIT: Document = {
    "conversationId": 1,
    "messageId": 1,
    "words": {"$size": "$tokens"},
}

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$in": lambda value, some: value in some,
    "$nin": lambda value, some: value not in some,
    "$lt": operator.lt,
    "$gte": operator.ge,
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
    """By which token entries are found, or by tokens with which beginning; without both all are looked at.

    The messages of one token are in order. Those of many tokens are not: if they ``is_common``, the newest messages of
    all are rather looked through, one after the other.
    """

    token: str | None = None
    prefix: str | None = None
    is_common: bool = False


@dataclass(frozen=True, slots=True)
class Fresh:
    """What was found in messages that are not indexed yet; ``behind`` as in ``SearchPage``.

    ``seen`` are the entries that were looked at, found or not: what the index says of them does not count.
    """

    found: tuple[Found, ...]
    seen: tuple[ObjectId, ...]
    behind: int
    complete: bool


class SearchRepository:
    """Reads the index. Every query includes the owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._entries = database["search_entries"]
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]
        self._projects = database["projects"]

    def conditions(self, user_id: str, filters: Filters) -> Document:
        """What entries must have because of the filters. What is in the trash is left out, or nothing else is found."""
        owner = ObjectId(user_id)
        condition: Document = {"userId": owner}
        named: Document = {"trashedAt": {"$type": "date"} if filters.in_trash else None}
        if filters.tag is not None:
            named |= {"tags": filters.tag, "tags.0": {"$exists": True}}  # as the index has it
        if filters.project is not None:
            named["projectId"] = {"$in": self._projects_called(owner, filters.project)}
        if filters.starred:
            named["starredAt"] = {"$type": "date"}
        if filters.in_trash or len(named) > 1:
            query = {"userId": owner, "temporary": False, **named}
            chosen = list(self._conversations.find(query, {"stars": 1}))
            condition["conversationId"] = {"$in": [one["_id"] for one in chosen]}
            if filters.starred:
                condition["messageId"] = {"$in": [id_ for one in chosen for id_ in one.get("stars", {})]}
        elif trashed := self._trashed(owner):
            condition["conversationId"] = {"$nin": trashed}
        if filters.in_title:
            condition["messageId"] = None
        fields = {"role": filters.role and filters.role.value, "model": filters.model, "code": filters.code or None}
        condition.update({name: value for name, value in fields.items() if value is not None})
        times = {"$lt": filters.before, "$gte": filters.after}
        ids = {name: first_id(moment) for name, moment in times.items() if moment is not None}
        return {**condition, "_id": ids} if ids else condition

    def fresh(self, query: Query, condition: Document) -> Fresh:
        """What matches of the newest messages that are not indexed yet. ``condition`` is that of ``conditions``."""
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
        entries: list[Document] = []
        for one in self._conversations.aggregate([*steps, {"$project": FRESH}], hint="unindexed", batchSize=5):
            room = max(0, _FRESH_MESSAGES - len(entries))
            newest = one["messages"][-room:] if room else []
            has_all = one.get("indexedCount", 0) >= one["pagedCount"] and len(newest) == len(one["messages"])
            complete = complete and has_all
            entries += in_real_thread(partial(list, entries_of(one, newest)))
        matching = (
            entry
            for entry in entries
            if _has(entry, condition) and query.matches(Indexed(entry["tokens"], entry["text"]))
        )
        found = tuple(_found({**entry, "words": len(entry["tokens"])}, query) for entry in matching)
        return Fresh(found, tuple(entry["_id"] for entry in entries), behind, complete)

    def way(self, query: Query, condition: Document) -> Way:
        """How to find what is asked for: by its rarest token, or by the beginning of one, or by looking at all."""
        clauses = [one.clause for one in query.asked]
        tokens = sorted({token for clause in clauses for token in clause.tokens}, key=len)[-_MOST_COMPARED:]
        if tokens:
            return Way(tokens[0] if len(tokens) == 1 else min(tokens, key=partial(self._reach, condition)))
        prefix = max((clause.prefix for clause in clauses), key=len, default="")
        if not prefix:
            return Way()
        begun = {"userId": condition["userId"], "tokens": _begins(prefix)}
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
        return [_found(entry, query) for entry in cursor]

    def count(self, query: Query, condition: Document, way: Way, *, skip: Sequence[ObjectId]) -> int:
        """How many entries match, up to ``MOST_COUNTED``."""
        by = _index(way, condition)
        options: dict[str, Any] = {} if by is None else {"hint": by}
        return self._entries.count_documents(_wanted(query, condition, way, skip), limit=MOST_COUNTED, **options)

    def _reach(self, condition: Document, token: str) -> ObjectId:
        """The ``_COMPARED``th newest entry with this token: the rarer a token is, the older is that entry."""
        query = {"userId": condition["userId"], "tokens": token}
        entries = self._entries.find(query, {"_id": 1}, skip=_COMPARED, limit=1, hint="tokens")
        return next((entry["_id"] for entry in entries.sort("_id", DESCENDING)), _NONE)

    def shown(self, user_id: str, found: Iterable[Found]) -> tuple[dict[ObjectId, str], dict[str, Document]]:
        """The titles of the conversations by their ids, and the messages that were found by theirs.

        What has been deleted for good meanwhile is in neither.
        """
        hits = list(found)
        owner = ObjectId(user_id)
        conversations = list({hit.conversation_id for hit in hits})
        messages = [hit.message_id for hit in hits if hit.message_id is not None]
        chosen = {"$filter": {"input": "$messages", "cond": {"$in": ["$$this.id", messages]}}}
        query = {"_id": {"$in": conversations}, "userId": owner, **NOT_PURGED}
        windows = list(
            self._conversations.aggregate([{"$match": query}, {"$project": {"title": 1, "messages": chosen}}])
        )
        found_messages = {message["id"]: message for one in windows for message in one["messages"]}
        paged = [id_ for id_ in messages if id_ not in found_messages]
        if paged:
            where = {"userId": owner, "conversationId": {"$in": conversations}, "messages.id": {"$in": paged}}
            pages = self._pages.aggregate([{"$match": where}, {"$project": {"messages": chosen}}], hint="message")
            found_messages.update({message["id"]: message for page in pages for message in page["messages"]})
        return {one["_id"]: one["title"] for one in windows}, found_messages

    def _projects_called(self, owner: ObjectId, name: str) -> list[ObjectId]:
        """The projects with this name, in any case, or with this id."""
        own = self._projects.find({"userId": owner}, {"name": 1})
        return [one["_id"] for one in own if name == str(one["_id"]) or name.casefold() == one["name"].casefold()]

    def _trashed(self, owner: ObjectId) -> list[ObjectId]:
        query = {"userId": owner, "trashedAt": {"$type": "date"}, "temporary": False}
        return [one["_id"] for one in self._conversations.find(query, {"_id": 1}, hint="trashed")]


def _index(way: Way, condition: Document) -> str | None:
    """The index to be used; ``None`` where MongoDB has to find out, because the filters may lead to fewer entries."""
    if "$in" in condition.get("conversationId", {}):
        return None
    return "newest" if way == Way() else "tokens"


def _wanted(query: Query, condition: Document, way: Way, skip: Sequence[ObjectId]) -> Document:
    parts: list[Document] = []
    if way.token is not None:
        parts.append({"tokens": way.token})
    if way.prefix is not None:
        parts.append({"tokens": _begins(way.prefix)})
    for clause in (one.clause for one in query.asked):
        is_led_to = way.token in clause.tokens or clause.prefix == way.prefix
        if not (clause.is_told and is_led_to):
            parts.append({"text": {"$regex": re.escape(clause.literal)}})
    if skip:
        parts.append({"_id": {"$nin": list(skip)}})
    return {**condition, "$and": parts} if parts else dict(condition)


def _begins(prefix: str) -> Document:
    return {"$regex": f"^{re.escape(prefix)}"}


def _last_word(query: Query) -> str:
    return query.asked[-1].pieces[-1].text if query.asked else ""


def _found(entry: Document, query: Query) -> Found:
    whole = entry["last"] if "last" in entry else _last_word(query) in entry["tokens"]
    return Found(entry["_id"], entry["conversationId"], entry["messageId"], entry["words"], whole)


def _has(entry: Document, condition: Document) -> bool:
    """Whether an entry that is not stored yet has what ``SearchRepository.conditions`` asks for."""
    return all(
        all(_OPERATORS[name](entry.get(field), operand) for name, operand in wanted.items())
        if isinstance(wanted, dict)
        else entry.get(field) == wanted
        for field, wanted in condition.items()
    )
