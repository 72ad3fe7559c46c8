"""How many bytes are stored for each user, and whether there is room for more."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from bson import ObjectId
from cachetools import LRUCache
from pymongo import WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chatapp.errors import StorageFull
from chatapp.models.chat_models import Message
from chatapp.repositories.documents import Document
from chatapp.repositories.limits import CONVERSATION_OVERHEAD, MESSAGE_OVERHEAD
from chatapp.repositories.log_blocks import pages_of

_LOOKS_AFTER = 100_000
"""Bytes that a worker stores for a user, at most, before it looks again how many are stored."""


class Storage:
    """The field ``storedBytes`` of accounts: about as many bytes as a user's conversations take.

    It is kept up beside the writes themselves, at no cost to them and without their guarantees: a crash may lose a
    change. ``flask check --repair`` counts again.
    """

    def __init__(self, database: Database[Document], quota: int | None = None) -> None:
        self._users = database["users"]
        self._unacknowledged = database.get_collection("users", write_concern=WriteConcern(w=0))
        self._pages = database["message_pages"]
        self._quota = quota
        self._room: LRUCache[str, int] = LRUCache(10_000)  # what may be stored for a user before the next look

    def check(self, user_id: str) -> None:
        """Call it before something new is stored.

        The closer the quota, the sooner it is looked at again; what other workers store meanwhile is not seen.

        Raises:
            StorageFull: the user's quota is used up.
        """
        if self._quota is None or self._room.get(user_id, 0) > 0:
            return
        used = self._used({"_id": ObjectId(user_id)})
        if used >= self._quota:
            raise StorageFull(used, self._quota)
        self._room[user_id] = min((self._quota - used) // 10, _LOOKS_AFTER)

    def count_messages(self, user_id: str, *messages: Message) -> None:
        """They have been stored."""
        self._change(user_id, sum(message.size + MESSAGE_OVERHEAD for message in messages))

    def take(self, user_id: str, count: int) -> None:
        """Counts so many bytes before they are stored, because much must not pass the check several times at once.

        Raises:
            StorageFull: there is no room for all of them.
        """
        owner: Document = {"_id": ObjectId(user_id)}
        room = {} if self._quota is None else {"storedBytes": {"$not": {"$gt": self._quota - count}}}
        taken = self._users.update_one({**owner, **room}, {"$inc": {"storedBytes": count}})
        if self._quota is not None and not taken.matched_count:
            raise StorageFull(self._used(owner), self._quota)
        self._room.pop(user_id, None)

    def count_conversation(self, user_id: str, system_prompt: str | None) -> None:
        """It has been created."""
        self._change(user_id, CONVERSATION_OVERHEAD + _size(system_prompt))

    def count_system_prompt(self, user_id: str, system_prompt: str | None) -> None:
        """It replaces another, which goes on counting: what it replaced would have to be read first."""
        self._change(user_id, _size(system_prompt))

    def bytes_of(self, owned: Document, conversation: Mapping[str, Any]) -> int:
        """What a conversation counts. ``owned`` has its ``_id`` and ``userId``; its pages are still there."""
        pages = pages_of(owned["userId"], owned["_id"], conversation["pagedCount"])
        summed = next(
            self._pages.aggregate([{"$match": pages}, {"$group": {"_id": None, "bytes": {"$sum": "$bytes"}}}]), {}
        )
        texts = int(conversation["windowBytes"]) + _size(conversation["systemPrompt"]) + int(summed.get("bytes", 0))
        return texts + CONVERSATION_OVERHEAD + MESSAGE_OVERHEAD * int(conversation["messageCount"])

    def give_back(self, user_id: str, count: int) -> None:
        """So many bytes have been deleted for good, or were not needed."""
        self._change(user_id, -count)

    def _used(self, owner: Document) -> int:
        return int((self._users.find_one(owner, {"storedBytes": 1}) or {}).get("storedBytes", 0))

    def _change(self, user_id: str, count: int) -> None:
        if user_id in self._room:
            self._room[user_id] -= count
        with suppress(PyMongoError):  # what it is about is stored, and must not seem to have failed
            self._unacknowledged.update_one({"_id": ObjectId(user_id)}, {"$inc": {"storedBytes": count}})


def _size(text: str | None) -> int:
    return len((text or "").encode())
