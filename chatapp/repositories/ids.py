"""Ids as they are stored and as they are shown."""

from __future__ import annotations

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
