"""The small documents of running answers: the text so far, a heartbeat, and whether somebody asked to stop.

``_id`` is the answer's message id. The counter ``beat`` goes up with every write. ``chunks`` hold the text with the
place where each begins (UTF-16 code units): a write that was repeated because its outcome was unknown leaves an
overlap, never a doubled text.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

Document = dict[str, Any]

_TAIL = 8
"""Chunks that a follower reads at a time: two seconds of text."""


@dataclass(frozen=True, slots=True)
class GenerationWrite:
    """What one answer has to write: a heartbeat, and the text from ``at`` on, which may be empty."""

    answer_id: str
    user_id: str
    conversation_id: str
    first: bool
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of an answer, and the UTF-16 code units before it."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Beat:
    """A sign of life of a running answer; ``count`` is 0 until its owner has written."""

    answer_id: str
    user_id: str
    conversation_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What a small document holds of an answer."""

    chunks: list[Chunk]
    stop_requested: bool


class GenerationRepository:
    """Reads and writes ``generations``."""

    def __init__(self, database: Database[Document]) -> None:
        self._generations = database["generations"]

    def write(self, owner: str, writes: Sequence[GenerationWrite]) -> set[str]:
        """Writes new text and heartbeats of one worker's answers in one bulk.

        Returns:
            The ids of answers whose document is gone: another worker has ended them.
        """
        result = self._generations.bulk_write([_update(owner, write) for write in writes], ordered=False)
        if result.matched_count + result.upserted_count >= len(writes):
            return set()
        ids = [write.answer_id for write in writes if not write.first]
        users = list({ObjectId(write.user_id) for write in writes})
        there = {
            found["_id"]
            for found in self._generations.find({"userId": {"$in": users}, "_id": {"$in": ids}}, {"_id": 1})
        }
        return {id_ for id_ in ids if id_ not in there}

    def read(self, user_id: str, answer_id: str) -> Unfinished | None:
        """All that is written of an answer; ``None`` where nothing is."""
        found = self._generations.find_one({"_id": answer_id, "userId": ObjectId(user_id)})
        return None if found is None else Unfinished(_chunks(found), bool(found.get("stopRequested")))

    def tails(self, owners: Iterable[tuple[str, str]]) -> dict[str, list[Chunk]]:
        """The last chunks of several answers, by answer id; none for an answer without a document.

        Args:
            owners: (user id, answer id) of each.
        """
        wanted = list(owners)
        ids = [answer_id for _, answer_id in wanted]
        users = list({ObjectId(user_id) for user_id, _ in wanted})
        found = self._generations.find({"_id": {"$in": ids}, "userId": {"$in": users}}, {"chunks": {"$slice": -_TAIL}})
        return {document["_id"]: _chunks(document) for document in found}

    def request_stop(self, user_id: str, conversation_id: str, answer_id: str) -> None:
        """Asks the owner to stop, also where it has not written yet."""
        query = {"_id": answer_id, "userId": ObjectId(user_id)}
        asked: Document = {"$set": {"stopRequested": True}}
        made = {"conversationId": ObjectId(conversation_id), "beat": 0}
        try:
            self._generations.update_one(query, {**asked, "$setOnInsert": made}, upsert=True)
        except DuplicateKeyError:  # somebody else has made it at this moment
            self._generations.update_one(query, asked)

    def stop_requests(self, owner: str) -> set[str]:
        """Which of a worker's answers somebody asked to stop. Here the worker is the owner that the query names."""
        return {found["_id"] for found in self._generations.find({"owner": owner, "stopRequested": True}, {"_id": 1})}

    def beats(self) -> list[Beat]:
        """A sign of life of every running answer, of all users.

        Whoever ends what a dead worker left knows no user; nothing of it is shown to anybody.
        """
        found = self._generations.find({}, {"userId": 1, "conversationId": 1, "beat": 1})
        return [
            Beat(each["_id"], str(each["userId"]), str(each["conversationId"]), each.get("beat", 0)) for each in found
        ]

    def delete(self, user_id: str, answer_id: str) -> None:
        """The answer has ended; its text is in the conversation."""
        self._generations.delete_one({"_id": answer_id, "userId": ObjectId(user_id)})


def _update(owner: str, write: GenerationWrite) -> UpdateOne:
    change: Document = {"$inc": {"beat": 1}, "$set": {"owner": owner}}
    if write.text:
        change["$push"] = {"chunks": {"at": write.at, "text": write.text}}
    if write.first:
        change["$setOnInsert"] = {"conversationId": ObjectId(write.conversation_id)}
    return UpdateOne({"_id": write.answer_id, "userId": ObjectId(write.user_id)}, change, upsert=write.first)


def _chunks(document: Document) -> list[Chunk]:
    return [Chunk(chunk["at"], chunk["text"]) for chunk in document.get("chunks", ())]
