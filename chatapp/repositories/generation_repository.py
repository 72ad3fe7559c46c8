"""One small document for each running answer: the text so far, a heartbeat, and whether a stop was requested.

``_id`` is the answer's message id. The counter ``beat`` is incremented with every write. ``chunks`` hold the text with
the offset of each piece (UTF-16 code units), ``reasoning`` the model's reasoning likewise: a write that was retried
because its outcome was unknown leaves an overlap, never duplicated text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo import UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError, DuplicateKeyError

Document = dict[str, Any]

_DUPLICATE_KEY = 11000
_TAIL = 8
"""Chunks that a follower reads at a time: the last two seconds of text."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A piece of an answer, or of its reasoning; ``at`` is its offset in UTF-16 code units."""

    at: int
    text: str


@dataclass(frozen=True, slots=True)
class GenerationWrite:
    """One answer's share of a bulk write: a heartbeat, and the new text and reasoning, if there are any."""

    answer_id: str
    user_id: str
    conversation_id: str
    first: bool
    text: Chunk | None = None
    reasoning: Chunk | None = None


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The heartbeat of a running answer; ``count`` is 0 until its worker has written."""

    answer_id: str
    user_id: str
    conversation_id: str
    count: int


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What is stored of an answer that is being written."""

    chunks: list[Chunk]
    reasoning: list[Chunk]
    stop_requested: bool


class GenerationRepository:
    """The collection ``generations``."""

    def __init__(self, database: Database[Document]) -> None:
        self._generations = database["generations"]

    def write(self, owner: str, writes: Sequence[GenerationWrite]) -> set[str]:
        """Writes the new text and the heartbeats of one worker's answers in one bulk.

        Returns:
            The ids of answers whose document is gone, because another worker has ended them, or has the id of what is
            left of another user's answer. None of them holds up the others.
        """
        taken: set[str] = set()
        try:
            result = self._generations.bulk_write([_update(owner, write) for write in writes], ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            taken = {writes[one["index"]].answer_id for one in failed if one["code"] == _DUPLICATE_KEY}
            if len(taken) < len(failed) or error.details["writeConcernErrors"]:
                raise
        else:
            if result.matched_count + result.upserted_count >= len(writes):
                return set()
        ids = [write.answer_id for write in writes]
        users = list({ObjectId(write.user_id) for write in writes})
        remaining = {
            found["_id"]
            for found in self._generations.find({"userId": {"$in": users}, "_id": {"$in": ids}}, {"_id": 1})
        }
        return taken | (set(ids) - remaining)

    def read(self, user_id: str, answer_id: str) -> Unfinished | None:
        """Everything stored of an answer; ``None`` if there is nothing."""
        found = self._generations.find_one({"_id": answer_id, "userId": ObjectId(user_id)})
        return None if found is None else _unfinished(found)

    def tails(self, owners: Iterable[tuple[str, str]]) -> dict[str, Unfinished]:
        """The last chunks of several answers, by answer id. An answer without a document is left out.

        Args:
            owners: (user id, answer id) of each.
        """
        wanted = list(owners)
        ids = [answer_id for _, answer_id in wanted]
        users = list({ObjectId(user_id) for user_id, _ in wanted})
        last = {"$slice": -_TAIL}
        query = {"_id": {"$in": ids}, "userId": {"$in": users}}
        found = self._generations.find(query, {"chunks": last, "reasoning": last})
        return {document["_id"]: _unfinished(document) for document in found}

    def request_stop(self, user_id: str, conversation_id: str, answer_id: str) -> None:
        """Asks the worker to stop the answer, even if it has not written anything yet."""
        query = {"_id": answer_id, "userId": ObjectId(user_id)}
        request: Document = {"$set": {"stopRequested": True}}
        new_fields = {"conversationId": ObjectId(conversation_id), "beat": 0}
        try:
            self._generations.update_one(query, {**request, "$setOnInsert": new_fields}, upsert=True)
        except DuplicateKeyError:  # another process has just inserted it
            self._generations.update_one(query, request)

    def stop_requests(self, owner: str) -> set[str]:
        """The ids of the answers of the worker ``owner`` for which a stop was requested."""
        return {found["_id"] for found in self._generations.find({"owner": owner, "stopRequested": True}, {"_id": 1})}

    def heartbeats(self) -> list[Heartbeat]:
        """The heartbeats of all running answers, of all users.

        For the reaper, which ends the answers of dead workers and does not act for a user. Nothing of it is shown.
        """
        found = self._generations.find({}, {"userId": 1, "conversationId": 1, "beat": 1})
        return [
            Heartbeat(each["_id"], str(each["userId"]), str(each["conversationId"]), each.get("beat", 0))
            for each in found
        ]

    def delete(self, user_id: str, answer_id: str) -> None:
        """Removes the document of an answer that has ended: its text is in the conversation."""
        self._generations.delete_one({"_id": answer_id, "userId": ObjectId(user_id)})


def _update(owner: str, write: GenerationWrite) -> UpdateOne:
    change: Document = {"$inc": {"beat": 1}, "$set": {"owner": owner}}
    new = {"chunks": write.text, "reasoning": write.reasoning}
    pushed = {name: {"at": chunk.at, "text": chunk.text} for name, chunk in new.items() if chunk is not None}
    if pushed:
        change["$push"] = pushed
    if write.first:
        change["$setOnInsert"] = {"conversationId": ObjectId(write.conversation_id)}
    return UpdateOne({"_id": write.answer_id, "userId": ObjectId(write.user_id)}, change, upsert=write.first)


def _unfinished(document: Document) -> Unfinished:
    text, reasoning = (
        [Chunk(chunk["at"], chunk["text"]) for chunk in document.get(name, ())] for name in ("chunks", "reasoning")
    )
    return Unfinished(text, reasoning, bool(document.get("stopRequested")))
