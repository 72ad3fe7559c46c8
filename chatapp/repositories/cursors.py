"""Cursors: where the next part of a list begins, opaque to clients.

A cursor is the key of the last item given (a keyset), never an offset, so nothing is skipped or repeated
while rows come and go. It names nothing that a query does not also filter by owner.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from chatapp.errors import Invalid
from chatapp.models.account_models import SignIn
from chatapp.models.reasons import FaultReason

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class ListCursor:
    """After the conversation with this key, in the order (pinned, updatedAt, id), newest first."""

    pinned: bool
    updated_at: datetime
    id: ObjectId

    def encode(self) -> str:
        return _encode([int(self.pinned), _milliseconds(self.updated_at), str(self.id)])

    @classmethod
    def decode(cls, text: str) -> ListCursor:
        """Raises ``Invalid``, naming ``cursor``, for a text that ``encode`` did not make."""
        match _decode(text):
            case [0 | 1 as pinned, int(milliseconds), str(id_)] if ObjectId.is_valid(id_):
                return cls(bool(pinned), _moment(milliseconds), ObjectId(id_))
        raise bad_cursor()


@dataclass(frozen=True, slots=True)
class DeviceCursor:
    """After the device with this key, in the order (lastSeenAt, id), the last seen first."""

    last_seen_at: datetime
    id: ObjectId

    @classmethod
    def after(cls, device: SignIn) -> DeviceCursor:
        return cls(device.last_seen_at, ObjectId(device.id))

    def encode(self) -> str:
        return _encode([_milliseconds(self.last_seen_at), str(self.id)])

    @classmethod
    def decode(cls, text: str) -> DeviceCursor:
        """Raises ``Invalid``, naming ``cursor``, for a text that ``encode`` did not make."""
        match _decode(text):
            case [int(milliseconds), str(id_)] if ObjectId.is_valid(id_):
                return cls(_moment(milliseconds), ObjectId(id_))
        raise bad_cursor()


@dataclass(frozen=True, slots=True)
class BranchCursor:
    """Before ``position`` in the log, going on with the message ``message_id``."""

    position: int
    message_id: str

    def encode(self) -> str:
        return _encode([self.position, self.message_id])

    @classmethod
    def decode(cls, text: str) -> BranchCursor:
        """Raises ``Invalid``, naming ``cursor``, for a text that ``encode`` did not make."""
        match _decode(text):
            case [int(position), str(message_id)] if 0 < position < 2**53:
                return cls(position, message_id)
        raise bad_cursor()


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise bad_cursor() from None


def _encode(values: list[Any]) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decode(text: str) -> object:
    if len(text) > _LONGEST:
        raise bad_cursor()
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        return json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError, RecursionError):
        raise bad_cursor() from None


def bad_cursor() -> Invalid:
    """The refusal of a cursor; it names the field."""
    return Invalid.field("cursor", FaultReason.INVALID_CURSOR, "The cursor is invalid.")
