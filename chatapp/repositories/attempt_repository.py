"""How often something was attempted lately, counted for all workers."""

import math
from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument
from pymongo.database import Database

Document = dict[str, Any]


class AttemptRepository:
    """The collection ``attempts``: one document for each thing that is counted.

    ``_id`` names it; it belongs to no user. ``times`` are the attempts that count, the oldest first, by the clock of
    MongoDB, which all hosts share. A TTL index removes a document when its last attempt no longer counts.
    """

    def __init__(self, database: Database[Document]) -> None:
        self._attempts = database["attempts"]

    def count(self, key: str, *, most: int, seconds: int) -> int | None:
        """Counts one more attempt, unless there were ``most`` in the last ``seconds``.

        One atomic update, so that attempts at the same moment are all counted, and no more than ``most`` pass. Where
        several are the first, MongoDB inserts one and repeats the others as updates.

        Returns:
            ``None`` where the attempt was counted, else the whole seconds after which there is room for one.
        """
        found = self._attempts.find_one_and_update(
            {"_id": key}, _one_more(most, seconds * 1000), upsert=True, return_document=ReturnDocument.AFTER
        )
        counter: Document = found or {}  # an upsert always finds one
        if counter["counted"]:
            return None
        passed: timedelta = counter["seenAt"] - counter["times"][0]
        return math.ceil(seconds - passed.total_seconds())

    def forget(self, key: str) -> None:
        """Removes what was counted."""
        self._attempts.delete_one({"_id": key})


def _one_more(most: int, milliseconds: int) -> list[Document]:
    """The update, as a pipeline: only a pipeline can decide by what it finds, and read the server's clock."""
    still_counts = {"$gt": ["$$this", {"$subtract": ["$$NOW", milliseconds]}]}
    lately = {"$filter": {"input": {"$ifNull": ["$times", []]}, "cond": still_counts}}
    with_this_one = {"$cond": ["$counted", {"$concatArrays": ["$times", ["$$NOW"]]}, "$times"]}
    return [
        {"$set": {"times": lately, "seenAt": "$$NOW", "expiresAt": {"$add": ["$$NOW", milliseconds]}}},
        {"$set": {"counted": {"$lt": [{"$size": "$times"}, most]}}},
        {"$set": {"times": with_this_one}},
    ]
