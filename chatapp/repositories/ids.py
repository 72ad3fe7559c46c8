"""Ids as they are stored and as they are shown."""

from __future__ import annotations

import hashlib

from bson import ObjectId

from chatapp.errors import NotFound


def stored_id(text: str, missing: type[NotFound]) -> ObjectId:
    """The id that the 24 hex digits of ``text`` stand for.

    Raises:
        missing: ``text`` is no id, so nothing can have it.
    """
    if len(text) != 24 or not ObjectId.is_valid(text):
        raise missing
    return ObjectId(text)


def id_for_key(user_id: str, key: str) -> ObjectId:
    """The id of what a user makes under a key of their own: the same each time, and no other user's or key's."""
    return ObjectId(hashlib.sha256(f"{user_id} {key}".encode()).digest()[:12])
