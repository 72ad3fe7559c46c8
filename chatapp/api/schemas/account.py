"""Accounts and the devices signed in to them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from flask_login import current_user
from marshmallow import ValidationError, fields

from chatapp.api.schemas.base import ApiSchema, page_schema
from chatapp.api.schemas.fields import MOST_EXACT, UNSTORABLE, Data, Flag, Line, Moment, Text

# A server of one's own may be on a network of one's own: user@host, .local and .test are fine here. The list is the
# library's documented place to say so.
SPECIAL_USE_DOMAIN_NAMES.clear()

EMAIL_CHARS = 254  # RFC 5321, errata 1690
PREFERENCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
MOST_PREFERENCES = 100
PREFERENCE_CHARS = 20_000


class Email(Line):
    """An e-mail address: NFC, lower case. Whether mail arrives there is not asked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=EMAIL_CHARS, metadata={"format": "email", "example": "ada@example.org"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > EMAIL_CHARS:
            raise ValidationError("This is too long for an e-mail address.")
        try:
            address = validate_email(text, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            raise ValidationError("This is not an e-mail address.") from None
        return unicodedata.normalize("NFC", address.normalized.lower())


class Password(Text):
    """A password, in Unicode's NFC: keyboards differ in how they write the same letter."""

    def __init__(self, *, least: int = 8, **options: Any) -> None:
        super().__init__(
            least=least,
            most=1024,
            metadata={"format": "password", "example": "correct horse battery staple"},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        return unicodedata.normalize("NFC", super()._deserialize(value, attr, data, **kwargs))


class Preferences(fields.Dict):
    """A person's own preferences: names with text, numbers or flags. null takes a name away."""

    def __init__(self, **options: Any) -> None:
        super().__init__(keys=fields.String(), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if len(value) > MOST_PREFERENCES:
            raise ValidationError(f"There are more than {MOST_PREFERENCES} preferences.")
        faults = {name: [fault] for name, inner in value.items() if (fault := _fault(name, inner))}
        if faults:
            raise ValidationError(faults)
        return value


def _fault(name: str, value: object) -> str | None:
    if not PREFERENCE_NAME.fullmatch(name):
        return "A preference's name has up to 64 letters, digits and _, and begins with a letter."
    if isinstance(value, str):
        return _text_fault(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float) and -MOST_EXACT <= value <= MOST_EXACT:
        return None
    return "A preference is text, a number, true, false or null."


def _text_fault(value: str) -> str | None:
    if len(value) > PREFERENCE_CHARS:
        return f"This is longer than {PREFERENCE_CHARS} characters."
    return "This has a character that is not text." if UNSTORABLE.search(value) else None


class RegistrationSchema(ApiSchema):
    """A new account."""

    email = Email(required=True)
    password = Password(required=True)
    name = Line(most=100, blank=True, load_default="", metadata={"example": "Ada"})


class LoginSchema(ApiSchema):
    email = Email(required=True)
    password = Password(least=1, required=True)
    remember = Flag(
        load_default=False,
        metadata={"description": "Stay signed in for 30 days without a visit, else until the browser is closed."},
    )


class AccountChangeSchema(ApiSchema):
    name = Line(most=100, blank=True)
    settings = Preferences(
        metadata={
            "description": "Replaces the preferences that it names and keeps the others; null takes one away.",
            "example": {"theme": "dark"},
        }
    )


class PasswordChangeSchema(ApiSchema):
    current_password = Password(least=1, required=True)
    new_password = Password(required=True)


class UserSchema(ApiSchema):
    """An account, as its owner sees it."""

    id = fields.String(required=True, metadata={"example": "66f1c0ffee15c0ffee15c0d0"})
    email = fields.String(required=True, metadata={"example": "ada@example.org"})
    name = fields.String(required=True, metadata={"example": "Ada"})
    created_at = Moment(required=True, metadata={"example": "2026-01-31T08:05:09.120Z"})
    settings = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "The person's own preferences.", "example": {"theme": "dark"}},
    )


class SignInSchema(ApiSchema):
    """A device that is signed in."""

    id = fields.String(required=True, metadata={"example": "66f1c0ffee15c0ffee15c0e0"})
    created_at = Moment(required=True, metadata={"example": "2026-01-31T08:05:09.120Z"})
    last_seen_at = Moment(
        required=True,
        metadata={"description": "To within five minutes.", "example": "2026-02-01T17:30:00.000Z"},
    )
    user_agent = fields.String(required=True, metadata={"example": "Mozilla/5.0 (X11; Linux x86_64)"})
    address = fields.String(required=True, metadata={"example": "203.0.113.9"})
    current = fields.Function(
        lambda sign_in: sign_in.id == current_user.sign_in.id,
        required=True,
        metadata={"type": "boolean", "description": "Whether it is the device that asks."},
    )


SignInPageSchema = page_schema(SignInSchema)
