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
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from chatapp.errors import InvalidCursor
from chatapp.models.account_models import SignIn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_LENGTH = 400


@dataclass(frozen=True, slots=True)
class ListCursor:
    """After the conversation with this key, in the order (pinned, updatedAt, id), newest first."""

    pinned: bool
    updated_at: datetime
    id: ObjectId

    def encode(self, scope: str) -> str:
        return _encode([scope, int(self.pinned), _milliseconds(self.updated_at), str(self.id)])

    @classmethod
    def decode(cls, text: str, scope: str) -> ListCursor:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        match _decode(text, scope):
            case [0 | 1 as pinned, int(milliseconds), str(id_)] if ObjectId.is_valid(id_):
                return cls(bool(pinned), _moment(milliseconds), ObjectId(id_))
        raise InvalidCursor


@dataclass(frozen=True, slots=True)
class SignInCursor:
    """After the sign-in with this key, in the order (lastSeenAt, id), most recently seen first."""

    last_seen_at: datetime
    id: ObjectId

    @classmethod
    def after(cls, sign_in: SignIn) -> SignInCursor:
        return cls(sign_in.last_seen_at, ObjectId(sign_in.id))

    def encode(self, scope: str) -> str:
        return _encode([scope, _milliseconds(self.last_seen_at), str(self.id)])

    @classmethod
    def decode(cls, text: str, scope: str) -> SignInCursor:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        match _decode(text, scope):
            case [int(milliseconds), str(id_)] if ObjectId.is_valid(id_):
                return cls(_moment(milliseconds), ObjectId(id_))
        raise InvalidCursor


@dataclass(frozen=True, slots=True)
class BranchCursor:
    """Before ``position`` in the log, continuing with the message ``message_id``."""

    position: int
    message_id: str

    def encode(self, scope: str) -> str:
        return _encode([scope, self.position, self.message_id])

    @classmethod
    def decode(cls, text: str, scope: str) -> BranchCursor:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        match _decode(text, scope):
            case [int(position), str(message_id)] if 0 < position < 2**53:
                return cls(position, message_id)
        raise InvalidCursor


@dataclass(frozen=True, slots=True)
class StarCursor:
    """After the starred message with this key, in the order (starredAt, id), those starred last first."""

    starred_at: datetime
    message_id: str

    def encode(self, scope: str) -> str:
        return _encode([scope, _milliseconds(self.starred_at), self.message_id])

    @classmethod
    def decode(cls, text: str, scope: str) -> StarCursor:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        match _decode(text, scope):
            case [int(milliseconds), str(message_id)]:
                return cls(_moment(milliseconds), message_id)
        raise InvalidCursor


@dataclass(frozen=True, slots=True)
class NewerCursor:
    """After the message ``message_id``, towards the end of its branch."""

    message_id: str

    def encode(self, scope: str) -> str:
        return _encode([scope, "newer", self.message_id])

    @classmethod
    def decode(cls, text: str, scope: str) -> NewerCursor | None:
        """``None`` if it leads somewhere else. Raises ``InvalidCursor`` if it was not made for this scope."""
        match _decode(text, scope):
            case ["newer", str(message_id)]:
                return cls(message_id)
        return None


@dataclass(frozen=True, slots=True)
class PositionCursor:
    """From this position of a log on."""

    position: int

    def encode(self, scope: str) -> str:
        return _encode([scope, self.position])

    @classmethod
    def decode(cls, text: str, scope: str) -> PositionCursor:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        match _decode(text, scope):
            case [int(position)] if 0 < position < 2**53:
                return cls(position)
        raise InvalidCursor


@dataclass(frozen=True, slots=True)
class SearchCursor:
    """After the entry with this score and id."""

    score: int
    id: ObjectId

    def encode(self, scope: str) -> str:
        return _encode([scope, self.score, str(self.id)])

    @classmethod
    def decode(cls, text: str, scope: str) -> SearchCursor:
        """Raises ``InvalidCursor`` if ``encode`` did not make the text for this scope."""
        match _decode(text, scope):
            case [int(score), str(id_)] if ObjectId.is_valid(id_):
                return cls(score, ObjectId(id_))
        raise InvalidCursor


def scope(kind: str, **filters: object) -> str:
    """A short name for one list: of what, whose, and filtered how."""
    text = json.dumps([kind, filters], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(milliseconds: int) -> datetime:
    try:
        return _EPOCH + timedelta(milliseconds=milliseconds)
    except OverflowError:
        raise InvalidCursor from None


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
    except (UnicodeError, binascii.Error, ValueError, RecursionError):
        raise InvalidCursor from None
    if not isinstance(values, list) or values[:1] != [scope]:
        raise InvalidCursor
    return values[1:]
