"""Fields of text.

JSON can carry what UTF-8 and MongoDB cannot, or what nobody can see, so each kind of text says what it takes:

- ``Text``: anything that can be stored, so no lone surrogates and no NUL.
- ``Line``: one line for people (titles, names, tags): trimmed, not blank, no control characters.
- ``Content``: what a person wrote, kept to the character. Only blank and over-long text is refused.
"""

import re
import unicodedata
from typing import Any

from flask import current_app
from marshmallow import ValidationError, fields, validate

from chatapp.api.schemas.fields import Data, InputField, described, wrong_type
from chatapp.models.reasons import Fault, FaultReason

UNSTORABLE = re.compile("[\0\ud800-\udfff]")
NOT_ONE_LINE = {"Cc", "Zl", "Zp"}

VISIBLE = r"[^\s\u0000\u001c-\u001f\u0085\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]"
"""What a text needs one of, or it is blank: something other than spaces, and than what only joins or directs others.

Written so that Python and JSON Schema (ECMA-262) read it alike.
"""
VISIBLE_IN_LINE = VISIBLE.replace(r"\u001c-\u001f\u0085", r"\u0001-\u001f\u007f-\u009f")
"""What a line needs one of: as ``VISIBLE``, without control characters."""

UUID_TEXT = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

CURSOR_CHARS = 400
MODEL_CHARS = 200
CURSOR_TEXT = re.compile(r"[A-Za-z0-9_-]+")

NOT_TEXT = Fault(FaultReason.NOT_STORABLE_TEXT, "This has a character that is not text (a lone surrogate or NUL).")
BLANK = Fault(FaultReason.BLANK, "This must not be blank.")


class Length(validate.Length):
    """Refuses text of fewer than ``min`` or more than ``max`` characters (code points)."""

    def __call__(self, value: Any) -> Any:
        if self.min is not None and len(value) < self.min:
            raise ValidationError(
                Fault(FaultReason.TOO_SHORT, f"This is shorter than {self.min} characters.", self.min)
            )
        if self.max is not None and len(value) > self.max:
            raise ValidationError(too_long(self.max))
        return value


def too_long(most: int) -> Fault:
    """What is wrong with a text of more than ``most`` characters."""
    return Fault(FaultReason.TOO_LONG, f"This is longer than {most} characters.", most)


class Text(InputField, fields.String):
    """Text of ``least`` to ``most`` characters (code points) that can be stored."""

    default_error_messages = wrong_type("text")

    def __init__(self, *, least: int = 0, most: int | None = None, **options: Any) -> None:
        if least or most:
            options["validate"] = Length(min=least or None, max=most)
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, str):
            raise self.make_error("invalid")
        if UNSTORABLE.search(value):
            raise ValidationError(NOT_TEXT)
        return value


class Line(Text):
    """One line of text, trimmed. ``blank`` says whether it may be empty."""

    def __init__(self, *, most: int, blank: bool = False, **options: Any) -> None:
        super().__init__(least=0 if blank else 1, most=most, **options)
        self.blank = blank

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs).strip()
        if not self.blank and not re.search(VISIBLE, text):
            raise ValidationError(BLANK)
        if not text.isprintable() and any(unicodedata.category(char) in NOT_ONE_LINE for char in text):
            raise ValidationError(Fault(FaultReason.NOT_ONE_LINE, "This must be one line without control characters."))
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
            raise ValidationError(BLANK)
        if len(text) > self.most_chars():
            raise ValidationError(too_long(self.most_chars()))
        return text


class Uuid(Text):
    """A UUID that a client makes, as lower-case text with hyphens."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("metadata", {}).setdefault("format", "uuid")
        super().__init__(**options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not UUID_TEXT.fullmatch(text):
            raise ValidationError(Fault(FaultReason.NOT_A_UUID, "This must be a UUID."))
        return text.lower()


class ConversationKey(Uuid):
    """A client's own name for a conversation that it is about to make."""

    def __init__(self) -> None:
        words = (
            "Made by the client; the same key never makes a second conversation. Sent again, it gives the first one, "
            "as it is by now."
        )
        super().__init__(data_key="idempotencyKey", metadata=described(words))


class Cursor(Text):
    """A place in a list, as an answer has given it. What is in it is checked by the list."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=CURSOR_CHARS, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not CURSOR_TEXT.fullmatch(text):
            raise ValidationError(Fault(FaultReason.INVALID_CURSOR, "The cursor is invalid."))
        return text


class MessageId(Text):
    """The id of a message that is there. A client that made it may write its UUID in capitals."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=100, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text: str = super()._deserialize(value, attr, data, **kwargs)
        return text.lower()
