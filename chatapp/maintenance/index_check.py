"""Compares the index of search with the history."""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from itertools import groupby
from typing import Any

from bson import ObjectId, encode
from pymongo import ASCENDING, timeout
from pymongo.database import Database

from chatapp.maintenance import TIME_LIMIT
from chatapp.maintenance.check import CheckResult
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.log_blocks import pages_of
from chatapp.repositories.search_index import NOT_INDEXED, SearchIndex, entries_of

Document = dict[str, Any]

_ATTEMPTS = 3
_FIELDS = dict.fromkeys(("userId", "title", "createdAt", "messageCount", "pagedCount"), 1)


class IndexCheck:
    """A check of all entries of all users, while the application may be running.

    ``say`` gets a line for each conversation whose entries are wrong: ids and counts. What workers have yet to index is
    not wrong.
    """

    def __init__(self, database: Database[Document], say: Callable[[str], None]) -> None:
        self._database = database
        self._index = SearchIndex(database)
        self._say = say
        self._result = CheckResult()

    def run(self, *, repair: bool = False) -> CheckResult:
        """Looks at everything once; ``repair`` takes what is wrong out of the index, and workers index it again."""
        with timeout(TIME_LIMIT):
            for conversation in self._database["conversations"].find({"isIndexed": True}, _FIELDS, batch_size=100):
                self._result.conversations += 1
                self._result.messages += conversation["messageCount"]
                missing, wrong = self._differences(conversation)
                if missing or wrong:
                    self._note(conversation, f"{missing} entries are missing and {wrong} are wrong", repair=repair)
            for conversation, count in self._strays():
                self._note(conversation, f"it is not there, but has {count} entries", repair=repair)
        return self._result

    def waiting(self) -> int:
        """How many conversations are still to be indexed."""
        return self._database["conversations"].count_documents(NOT_INDEXED, hint="unindexed")

    def _differences(self, conversation: Document) -> tuple[int, int]:
        """How many entries are missing, and how many are wrong. Asked again where something changed meanwhile."""
        owned = {"userId": conversation["userId"], "conversationId": conversation["_id"]}
        for _ in range(_ATTEMPTS):
            expected = _digests(self._expected(conversation))
            found = _digests(self._database["search_entries"].find(owned, hint="conversation"))
            missing = len(expected.keys() - found.keys())
            wrong = sum(expected.get(id_) != digest for id_, digest in found.items())
            query = {"_id": conversation["_id"], "userId": conversation["userId"], "isIndexed": True}
            now = self._database["conversations"].find_one(query, _FIELDS)
            if now is None or not (missing or wrong):
                return 0, 0
            if now == conversation:
                return missing, wrong
            conversation = now
        return 0, 0

    def _expected(self, conversation: Document) -> Iterator[Document]:
        user_id, id_ = conversation["userId"], conversation["_id"]
        window = self._database["conversations"].find_one({"_id": id_, "userId": user_id}, {"messages": 1}) or {}
        pages = pages_of(user_id, id_, conversation["pagedCount"])
        logs = [window, *self._database["message_pages"].find(pages).sort("firstPosition", ASCENDING)]
        return entries_of(conversation, (message for log in logs for message in log.get("messages", [])))

    def _strays(self) -> Iterator[tuple[Document, int]]:
        """Entries of conversations that are gone or are never to be found."""
        keys = {"_id": 0, "userId": 1, "conversationId": 1}
        entries = self._database["search_entries"].find({}, keys, hint="conversation")
        for (user_id, id_), found in groupby(entries, key=lambda entry: (entry["userId"], entry["conversationId"])):
            count = sum(1 for _ in found)
            owned = {"_id": id_, "userId": user_id, "temporary": False, **NOT_PURGED}
            if self._database["conversations"].find_one(owned, {"_id": 1}) is None:
                yield {"_id": id_, "userId": user_id}, count

    def _note(self, conversation: Document, what: str, *, repair: bool) -> None:
        self._result.found += 1
        self._result.mended += repair
        if repair:
            self._index.remove(conversation)
        self._say(f"conversation {conversation['_id']}: {what}{' (removed, to be indexed again)' if repair else ''}")


def _digests(entries: Iterable[Document]) -> dict[ObjectId, bytes]:
    """All that is in the entries, in a few bytes each: a conversation may have 100,000."""
    return {entry["_id"]: sha256(encode(dict(sorted(entry.items())))).digest() for entry in entries}
