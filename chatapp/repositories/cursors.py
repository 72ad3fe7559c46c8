"""Cursors: where the next page of a list starts, opaque to clients.

A cursor is the key of the last item returned (a keyset), never an offset, so that nothing is skipped or repeated when
rows are added or removed. Every query that uses one also filters by owner.

A cursor belongs to one list. ``scope`` names whose that is and how it is filtered; with another scope it is invalid.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Self, get_type_hints

from bson import ObjectId

from chatapp.errors import InvalidCursor

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_LENGTH = 400
_MOST = 2**53


class _Key:
    """What all cursors have in common: their fields are written one after another, and read by their types."""

    least: ClassVar[int] = 0
    """Of the whole numbers in it."""

    def encode(self, scope: str) -> str:
        """The cursor as text, for one list."""
        this: Any = self  # a dataclass
        return _encode([scope, *(_written(getattr(self, field.name)) for field in fields(this))])

    @classmethod
    def decode(cls, text: str, scope: str) -> Self:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        values, kinds = _decode(text, scope), _kinds(cls)
        if len(values) != len(kinds):
            raise InvalidCursor
        return cls(*(_read(value, kind, cls.least) for value, kind in zip(values, kinds.values(), strict=True)))


@dataclass(frozen=True, slots=True)
class ListCursor(_Key):
    """After the conversation with this key, in the order (pinned, updatedAt, id), newest first."""

    pinned: bool
    updated_at: datetime
    id: ObjectId


@dataclass(frozen=True, slots=True)
class SignInCursor(_Key):
    """After the sign-in with this key, in the order (lastSeenAt, id), most recently seen first."""

    last_seen_at: datetime
    id: ObjectId


@dataclass(frozen=True, slots=True)
class StarCursor(_Key):
    """After the starred message with this key, in the order (starredAt, id), those starred last first."""

    starred_at: datetime
    message_id: str


@dataclass(frozen=True, slots=True)
class SearchCursor(_Key):
    """After the entry with this score and id."""

    score: int
    id: ObjectId


@dataclass(frozen=True, slots=True)
class PositionCursor(_Key):
    """From this position of a log on."""

    least: ClassVar[int] = 1
    position: int


@dataclass(frozen=True, slots=True)
class BranchCursor(_Key):
    """Before ``position`` in the log, continuing with the message ``message_id``."""

    least: ClassVar[int] = 1
    position: int
    message_id: str


@dataclass(frozen=True, slots=True)
class NewerCursor:
    """After the message ``message_id``, towards the end of its branch."""

    message_id: str

    def encode(self, scope: str) -> str:
        """The cursor as text, for one list."""
        return _encode([scope, "newer", self.message_id])

    @classmethod
    def decode(cls, text: str, scope: str) -> NewerCursor | None:
        """``None`` if it leads somewhere else. Raises ``InvalidCursor`` if it was not made for this scope."""
        match _decode(text, scope):
            case ["newer", str(message_id)]:
                return cls(message_id)
        return None


def scope(kind: str, **filters: object) -> str:
    """A short name for one list: of what, whose, and filtered how."""
    text = json.dumps([kind, filters], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _kinds(cursor: type[Any]) -> dict[str, type]:
    types = get_type_hints(cursor)
    return {field.name: types[field.name] for field in fields(cursor)}


def _written(value: object) -> int | str:
    if isinstance(value, datetime):
        return (value - _EPOCH) // timedelta(milliseconds=1)
    return int(value) if isinstance(value, int) else str(value)


def _read(value: Any, kind: type, least: int) -> object:
    if kind is bool and value in (0, 1):
        return bool(value)
    if kind is int and isinstance(value, int) and least <= value < _MOST:
        return value
    if kind is str and isinstance(value, str):
        return value
    if kind is ObjectId and isinstance(value, str) and ObjectId.is_valid(value):
        return ObjectId(value)
    if kind is datetime and isinstance(value, int):
        try:
            return _EPOCH + timedelta(milliseconds=value)
        except OverflowError:
            raise InvalidCursor from None
    raise InvalidCursor


def _encode(values: list[Any]) -> str:
    text = json.dumps(values, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decode(text: str, scope: str) -> list[Any]:
    """The values after the scope."""
    if len(text) > _MAX_LENGTH:
        raise InvalidCursor
    try:
        padded = text.encode("ascii") + b"=" * (-len(text) % 4)
        values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        json.dumps(values, ensure_ascii=False).encode()  # a lone surrogate is no text that MongoDB can be asked for
    except (UnicodeError, binascii.Error, ValueError):
        raise InvalidCursor from None
    if not isinstance(values, list) or values[:1] != [scope]:
        raise InvalidCursor
    return values[1:]
