"""Field types that take exactly what they say: no number for a string, no string for a number.

Text. JSON can carry what UTF-8 and MongoDB cannot, or what no one can see, so each kind of text says
what it takes:

- ``Text``: anything that can be stored, so no lone surrogates and no NUL.
- ``Line``: one line for people (titles, names, tags): trimmed, not blank, no control characters.
- ``Content``: what a person wrote, kept to the character. Only blank and over-long text is refused.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from flask import current_app
from marshmallow import ValidationError, fields, validate

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
NOT_ONE_LINE = {"Cc", "Zl", "Zp"}

VISIBLE = r"[^\s\u001c-\u001f\u0085\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]"
"""What a text needs one of, or it is blank: something else than spaces, and than what only joins or directs others.

Written so that Python and JSON Schema (ECMA-262) read it alike.
"""
UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
MOST_EXACT = 2**53 - 1
"""The largest whole number that every JSON reader keeps (RFC 8259, section 6)."""

Data = Mapping[str, Any] | None


class Text(fields.String):
    """Text of ``least`` to ``most`` characters (code points) that can be stored."""

    def __init__(self, *, least: int = 0, most: int | None = None, **options: Any) -> None:
        if options.get("validate") is None and (least or most):
            options["validate"] = validate.Length(min=least or None, max=most)
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if UNSTORABLE.search(value):
            raise ValidationError("This has a character that is not text (a lone surrogate or NUL).")
        return value


class Line(Text):
    """One line of text, trimmed. ``blank`` says whether it may be empty."""

    def __init__(self, *, most: int, blank: bool = False, **options: Any) -> None:
        super().__init__(least=0 if blank else 1, most=most, **options)
        self.blank = blank

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if not self.blank and not re.search(VISIBLE, text):
            raise ValidationError("This must not be blank.")
        if not text.isprintable() and any(unicodedata.category(char) in NOT_ONE_LINE for char in text):
            raise ValidationError("This must be one line without control characters.")
        return text


class Content(Text):
    """What a person wrote, kept exactly as it came; at most ``CHATAPP_MAX_MESSAGE_CHARS`` characters."""

    @staticmethod
    def most_chars() -> int:
        """How long it may be in the current application, in characters."""
        most: int = current_app.config["MAX_MESSAGE_CHARS"]
        return most

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.search(VISIBLE, text):
            raise ValidationError("This must not be blank.")
        if len(text) > self.most_chars():
            raise ValidationError(f"This is longer than {self.most_chars()} characters.")
        return text


class Uuid(Text):
    """A UUID that a client makes, as lower-case text with hyphens."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("metadata", {}).setdefault("format", "uuid")
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not UUID_TEXT.fullmatch(text):
            raise ValidationError("This must be a UUID.")
        return text.lower()


class ConversationKey(Uuid):
    """A client's own name for a conversation that it is about to make."""

    def __init__(self) -> None:
        words = (
            "Made by the client; the same key never makes a second conversation. Sent again, it gives the first one, "
            "as it is by now."
        )
        super().__init__(data_key="idempotencyKey", load_default=None, metadata={"description": words})


class MessageId(Text):
    """The id of a message that is there. A client that made it may write its UUID in capitals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=100, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return text.lower()


class Flag(fields.Boolean):
    """``true`` or ``false`` in JSON; no other spelling."""

    truthy = {True}
    falsy = {False}

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class QueryFlag(fields.Boolean):
    """``true`` or ``false`` in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if value not in ("true", "false"):
            raise ValidationError("This must be true or false.")
        return value == "true"


class Whole(fields.Integer):
    """A whole number from ``least`` to ``most`` in JSON: not 1.0, not "1", not true."""

    def __init__(self, *, least: int = -MOST_EXACT, most: int = MOST_EXACT, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if type(value) is not int:
            raise self.make_error("invalid")
        return value


class QueryWhole(Whole):
    """A whole number in a query string, in plain digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,16}", value, re.ASCII):
            raise self.make_error("invalid")
        return int(value)


class Number(fields.Float):
    """A finite number from ``least`` to ``most`` in JSON."""

    def __init__(self, *, least: float, most: float, **options: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if type(value) not in (int, float) or not -1e300 < value < 1e300 or math.isnan(value):
            raise self.make_error("invalid")
        return float(value)


class Moment(fields.DateTime):
    """A time in UTC with milliseconds (RFC 3339), as every answer writes it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return rfc3339(value) if value is not None else None


def rfc3339(moment: datetime) -> str:
    """``2026-01-31T08:05:09.120Z``; ``moment`` must know its zone."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
