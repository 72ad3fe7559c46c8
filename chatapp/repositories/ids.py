"""Ids: as stored, and as text."""

import hashlib

from bson import ObjectId

from chatapp.errors import NotFound


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
