"""Field types that take exactly what they say: no number for text, no text for a number.

What they refuse they refuse with a ``Fault``, so that programs learn the reason. Text is in ``text_fields``.
"""

import math
import re
from collections.abc import Mapping, Sized
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar

from marshmallow import ValidationError, fields, validate

from chatapp.models.reasons import Fault, FaultReason

MOST_EXACT = 2**53 - 1
"""The largest whole number that every JSON reader keeps (RFC 8259, section 6)."""

Items = TypeVar("Items", bound=Sized)
Data = Mapping[str, Any] | None
Messages = dict[str, str | list[Any] | dict[Any, Any]]


def messages(**faults: Fault) -> Messages:
    """What a field or a schema says, by marshmallow's names for what can be wrong."""
    return {**faults}


def wrong_type(kind: str) -> Messages:
    """What a field says that takes another type; ``kind`` as in ``text``."""
    return messages(invalid=Fault(FaultReason.WRONG_TYPE, f"This must be {kind}."))


def described(description: str, *example: object) -> dict[str, Any]:
    """What the OpenAPI document says about a field, with an example if there is one."""
    return {"description": description, **({"example": example[0]} if example else {})}


class InputField:
    """Gives marshmallow's own refusals their reasons. Stands first among the bases of a field that is read."""

    default_error_messages = messages(
        required=Fault(FaultReason.REQUIRED, "This is required."),
        null=Fault(FaultReason.NULL, "This must not be null."),
    )


class Range(validate.Range):
    """Refuses numbers below ``min`` or above ``max``."""

    def __call__(self, value: Any) -> Any:
        fault = out_of_range(value, self.min, self.max)
        if fault is not None:
            raise ValidationError(fault)
        return value


def out_of_range(value: float, least: float | None, most: float | None) -> Fault | None:
    """What is wrong with a number that is not from ``least`` to ``most``."""
    if least is not None and value < least:
        return Fault(FaultReason.TOO_SMALL, f"This is less than {least}.", least)
    if most is not None and value > most:
        return Fault(FaultReason.TOO_LARGE, f"This is more than {most}.", most)
    return None


class Count(validate.Length):
    """Refuses lists of more than ``max`` items."""

    def __call__(self, value: Items) -> Items:
        if self.max is not None and len(value) > self.max:
            raise ValidationError(Fault(FaultReason.TOO_MANY, f"These are more than {self.max}.", self.max))
        return value


class Flag(InputField, fields.Boolean):
    """``true`` or ``false`` in JSON; no other spelling."""

    default_error_messages = wrong_type("true or false")

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, bool):
            raise self.make_error("invalid")
        return value


class QueryFlag(Flag):
    """``true`` or ``false`` in a query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        return super()._deserialize({"true": True, "false": False}.get(str(value)), attr, data, **kwargs)


class Whole(InputField, fields.Integer):
    """A whole number from ``least`` to ``most`` in JSON, which 1.0 is as well: not 1.5, not "1", not true."""

    default_error_messages = wrong_type("a whole number")

    def __init__(self, *, least: int = -MOST_EXACT, most: int = MOST_EXACT, **options: Any) -> None:
        super().__init__(strict=True, validate=Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if type(value) not in (int, float) or value != value // 1:
            raise self.make_error("invalid")
        return int(value)


class QueryWhole(Whole):
    """A whole number in a query string, in plain digits."""

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,16}", value, re.ASCII):
            raise self.make_error("invalid")
        return int(value)


class Number(InputField, fields.Float):
    """A finite number from ``least`` to ``most`` in JSON."""

    default_error_messages = wrong_type("a number")

    def __init__(self, *, least: float, most: float, **options: Any) -> None:
        super().__init__(validate=Range(min=least, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        if type(value) not in (int, float) or not -1e300 < value < 1e300 or math.isnan(value):
            raise self.make_error("invalid")
        return float(value)


class Choice(InputField, fields.Field[StrEnum]):
    """One of the words of ``words``, which the OpenAPI document has as a schema of its name."""

    def __init__(self, words: type[StrEnum], **options: Any) -> None:
        super().__init__(**options)
        self.words = words

    def _serialize(self, value: StrEnum | None, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return value.value if value is not None else None

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> StrEnum:
        try:
            return self.words(value)
        except ValueError:
            raise ValidationError(unknown_word(self.words)) from None


def unknown_word(words: type[StrEnum]) -> Fault:
    """What is wrong with a value that is not one of ``words``."""
    return Fault(FaultReason.UNKNOWN_VALUE, f"This must be one of: {', '.join(words)}.")


class Moment(fields.DateTime):
    """A time in UTC with milliseconds (RFC 3339), as every answer writes it."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> str | None:
        return rfc3339(value) if value is not None else None


def rfc3339(moment: datetime) -> str:
    """``2026-01-31T08:05:09.120Z``; ``moment`` is in UTC, as the clock and MongoDB give it."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
