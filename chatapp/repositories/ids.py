"""Ids: as stored, as text, and why there is nothing with one."""

import hashlib
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from chatapp.errors import ChatAppError, NotFound, NotOwner


def stored_id(text: str, missing: type[NotFound]) -> ObjectId:
    """The ObjectId for the 24 hex digits of ``text``.

    Raises:
        missing: ``text`` is not a valid id, so nothing can have it.
    """
    if len(text) != 24 or not ObjectId.is_valid(text):
        raise missing
    return ObjectId(text)


def id_for_key(user_id: str, key: str) -> ObjectId:
    """The id that belongs to a user's idempotency key: always the same, and different for every user and key."""
    return ObjectId(hashlib.sha256(f"{user_id} {key}".encode()).digest()[:12])


def why_missing(collection: Collection[dict[str, Any]], id_: ObjectId, missing: type[NotFound]) -> ChatAppError:
    """Why the user has nothing with this id: it is somebody else's, or there is nothing.

    This query has no owner in it. Nothing of what it finds is shown.
    """
    return missing() if collection.find_one({"_id": id_}, {"_id": 1}) is None else NotOwner()
