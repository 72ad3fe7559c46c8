"""How many bytes are stored for each user, and whether there is room for more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.database import Database
from pymongo.errors import PyMongoError

from chatapp.errors import StorageFull
from chatapp.models.chat_models import Message
from chatapp.repositories.documents import Document
from chatapp.repositories.limits import CONVERSATION_OVERHEAD, MESSAGE_OVERHEAD


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

    def check(self, user_id: str) -> None:
        """Call it before something new is stored.

        Raises:
            StorageFull: the user's quota is used up.
        """
        if self._quota is None:
            return
        user = self._users.find_one({"_id": ObjectId(user_id)}, {"storedBytes": 1}) or {}
        used = int(user.get("storedBytes", 0))
        if used >= self._quota:
            raise StorageFull(used, self._quota)

    def count_message(self, message: Message) -> None:
        """It has been stored."""
        self._change(ObjectId(message.user_id), message.size + MESSAGE_OVERHEAD)

    def count_messages(self, user_id: str, messages: Sequence[Message]) -> None:
        """They have been stored."""
        self._change(ObjectId(user_id), sum(message.size + MESSAGE_OVERHEAD for message in messages))

    def count_conversation(self, user_id: str, system_prompt: str | None) -> None:
        """It has been created."""
        self._change(ObjectId(user_id), CONVERSATION_OVERHEAD + _size(system_prompt))

    def count_system_prompt(self, user_id: str, system_prompt: str | None) -> None:
        """It replaces another, which goes on counting: what it replaced would have to be read first."""
        self._change(ObjectId(user_id), _size(system_prompt))

    def bytes_of(self, owned: Document, conversation: Mapping[str, Any]) -> int:
        """What a conversation counts. ``owned`` has its ``_id`` and ``userId``; its pages are still there."""
        pages = {
            "userId": owned["userId"],
            "conversationId": owned["_id"],
            "firstPosition": {"$lt": conversation["pagedCount"]},
        }
        summed = next(
            self._pages.aggregate([{"$match": pages}, {"$group": {"_id": None, "bytes": {"$sum": "$bytes"}}}]), {}
        )
        texts = int(conversation["windowBytes"]) + _size(conversation["systemPrompt"]) + int(summed.get("bytes", 0))
        return texts + CONVERSATION_OVERHEAD + MESSAGE_OVERHEAD * int(conversation["messageCount"])

    def give_back(self, owned: Document, count: int) -> None:
        """So many bytes have been deleted for good."""
        self._change(owned["userId"], -count)

    def _change(self, user_id: ObjectId, count: int) -> None:
        with suppress(PyMongoError):  # what it is about is stored, and must not seem to have failed
            self._unacknowledged.update_one({"_id": user_id}, {"$inc": {"storedBytes": count}})


def _size(text: str | None) -> int:
    return len((text or "").encode())
