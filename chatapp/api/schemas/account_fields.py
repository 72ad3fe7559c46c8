"""Fields of accounts: e-mail addresses, passwords and preferences."""

import re
import unicodedata
from typing import Any

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from marshmallow import ValidationError, fields

from chatapp.api.schemas.fields import MOST_EXACT, Data, InputField, out_of_range, unknown_word, wrong_type
from chatapp.api.schemas.text_fields import NOT_TEXT, UNSTORABLE, Line, Text, too_long
from chatapp.models.account_models import Language
from chatapp.models.reasons import Fault, FaultReason

# A private server may be on a private network: user@host, .local and .test are fine here. The list is the library's
# documented place to say so.
SPECIAL_USE_DOMAIN_NAMES.clear()

EMAIL_CHARS = 254  # RFC 5321, errata 1690
PASSWORD_CHARS = 1024
PREFERENCE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}", re.ASCII)
MOST_PREFERENCES = 100
PREFERENCE_CHARS = 20_000
MOST_RETENTION_DAYS = 36_500


class Email(Line):
    """An e-mail address: NFC, lower case. Whether mail arrives there is not checked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(most=EMAIL_CHARS, metadata={"format": "email", "example": "ada@example.org"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > EMAIL_CHARS:
            raise ValidationError(too_long(EMAIL_CHARS))
        try:
            address = validate_email(text, check_deliverability=False, globally_deliverable=False)
        except EmailNotValidError:
            raise ValidationError(Fault(FaultReason.NOT_AN_EMAIL, "This is not an e-mail address.")) from None
        return unicodedata.normalize("NFC", address.normalized.lower())


class Password(Text):
    """A password, in Unicode's NFC: keyboards differ in how they write the same letter."""

    def __init__(self, *, least: int = 8, **options: Any) -> None:
        super().__init__(
            least=least,
            most=PASSWORD_CHARS,
            metadata={"format": "password", "example": "correct horse battery staple"},
            **options,
        )

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        # What is cut off is too long however it is composed. In NFC, marks without end would take minutes.
        return unicodedata.normalize("NFC", text[: 4 * PASSWORD_CHARS + 1])


class Preferences(InputField, fields.Dict):
    """A person's own preferences: names with text, numbers or flags. null removes a name."""

    default_error_messages = wrong_type("a JSON object")

    def __init__(self, **options: Any) -> None:
        super().__init__(keys=fields.String(), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, dict):
            raise self.make_error("invalid")
        if len(value) > MOST_PREFERENCES:
            sentence = f"There are more than {MOST_PREFERENCES} preferences."
            raise ValidationError(Fault(FaultReason.TOO_MANY, sentence, MOST_PREFERENCES))
        faults = {name: [fault] for name, inner in value.items() if (fault := _fault(name, inner))}
        if value.get("language") not in (None, *Language):
            faults["language"] = [unknown_word(Language)]
        days = value.get("retentionDays")
        if days is not None and "retentionDays" not in faults and (fault := _fault_in_days(days)):
            faults["retentionDays"] = [fault]
        if faults:
            raise ValidationError(faults)
        return value


def _fault_in_days(days: object) -> Fault | None:
    if isinstance(days, bool) or not isinstance(days, int | float) or days != days // 1:
        return Fault(FaultReason.WRONG_TYPE, "This must be a whole number.")
    return out_of_range(days, 1, MOST_RETENTION_DAYS)


def _fault(name: str, value: object) -> Fault | None:
    if not PREFERENCE_NAME.fullmatch(name):
        sentence = "A preference's name has up to 64 letters, digits and _, and begins with a letter."
        return Fault(FaultReason.INVALID_NAME, sentence)
    if isinstance(value, str):
        if len(value) > PREFERENCE_CHARS:
            return too_long(PREFERENCE_CHARS)
        return NOT_TEXT if UNSTORABLE.search(value) else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return out_of_range(value, -MOST_EXACT, MOST_EXACT)
    return Fault(FaultReason.WRONG_TYPE, "A preference is text, a number, true, false or null.")
