"""What each kind of field takes."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest.mock import MagicMock

import pytest
from flask import Flask
from marshmallow import Schema, ValidationError, fields, missing

from chatapp.api.schemas import account, base, chat, conversation, message
from chatapp.api.schemas.account_fields import Email, Password, Preferences
from chatapp.api.schemas.base import ApiSchema, PageArgs, camel_case, page_schema
from chatapp.api.schemas.conversation import Tags
from chatapp.api.schemas.fields import Choice, Flag, Moment, Number, QueryFlag, QueryWhole, Whole
from chatapp.api.schemas.text_fields import Content, Line, MessageId, Text, Uuid
from chatapp.models.chat_models import Feedback, Page
from chatapp.models.reasons import Fault, FaultReason

UUID = "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"


def load(field: fields.Field[Any], value: object) -> Any:
    return Schema.from_dict({"it": field})().load({"it": value})["it"]


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config["MAX_MESSAGE_CHARS"] = 10
    return app


def _messages(found: Any) -> Iterator[object]:
    if isinstance(found, dict):
        for inner in found.values():
            yield from _messages(inner)
    else:
        yield from found


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Text(), 1),
        (Text(), True),
        (Text(), None),
        (Text(), ["a"]),
        (Text(), "a\0b"),
        (Text(), "\ud83d"),
        (Text(most=2), "abc"),
        (Line(most=9), "   "),
        (Line(most=9), "\u200b\u200f"),
        (Line(most=9), "a\nb"),
        (Line(most=9), "a\x1b[0m"),
        (Line(most=9), "a\u2028b"),
        (Line(most=9), "a\x85b"),
        (Line(most=9), "1234567890"),
        (Uuid(), "not-a-uuid"),
        (Uuid(), "{" + UUID + "}"),
        (Uuid(), "urn:uuid:" + UUID),
        (Uuid(), UUID.replace("-", "")),
        (Flag(), "true"),
        (Flag(), 1),
        (Flag(), 0),
        (Flag(), None),
        (QueryFlag(), "1"),
        (QueryFlag(), "True"),
        (QueryFlag(), ""),
        (Whole(), "1"),
        (Whole(), 1.5),
        (Whole(), float("nan")),
        (Whole(), float("inf")),
        (Whole(), True),
        (Whole(), 2**53),
        (Whole(least=1), 0),
        (Whole(most=5), 6),
        (QueryWhole(), ""),
        (QueryWhole(), " 1"),
        (QueryWhole(), "1.0"),
        (QueryWhole(), "1_000"),
        (QueryWhole(), "\u0661"),
        (QueryWhole(), "9" * 5000),
        (Number(least=0, most=2), "1"),
        (Number(least=0, most=2), True),
        (Number(least=0, most=2), float("nan")),
        (Number(least=0, most=2), float("inf")),
        (Number(least=0, most=2), 2.01),
        (Number(least=0, most=2), 10**400),
    ],
    ids=str,
)
def test_what_a_field_does_not_take_is_refused(field: fields.Field[Any], value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        load(field, value)
    assert list(refused.value.messages_dict) == ["it"]


@pytest.mark.parametrize(
    ("field", "value", "reason", "limit"),
    [
        (Text(required=True), missing, FaultReason.REQUIRED, None),
        (Text(), None, FaultReason.NULL, None),
        (Text(), 1, FaultReason.WRONG_TYPE, None),
        (Text(), "a\0b", FaultReason.NOT_STORABLE_TEXT, None),
        (Text(least=3), "ab", FaultReason.TOO_SHORT, 3),
        (Text(most=2), "abc", FaultReason.TOO_LONG, 2),
        (Line(most=9), "   ", FaultReason.BLANK, None),
        (Line(most=9), "a\nb", FaultReason.NOT_ONE_LINE, None),
        (Line(most=9), "1234567890", FaultReason.TOO_LONG, 9),
        (Uuid(), "not-a-uuid", FaultReason.NOT_A_UUID, None),
        (MessageId(), "x" * 101, FaultReason.TOO_LONG, 100),
        (Flag(), "true", FaultReason.WRONG_TYPE, None),
        (QueryFlag(), "1", FaultReason.WRONG_TYPE, None),
        (Whole(least=1), 0, FaultReason.TOO_SMALL, 1),
        (Whole(most=5), 6, FaultReason.TOO_LARGE, 5),
        (Whole(), 1.5, FaultReason.WRONG_TYPE, None),
        (QueryWhole(), "x", FaultReason.WRONG_TYPE, None),
        (Number(least=0, most=2), 2.01, FaultReason.TOO_LARGE, 2),
        (Number(least=0, most=2), float("inf"), FaultReason.WRONG_TYPE, None),
        (Choice(Feedback), "sideways", FaultReason.UNKNOWN_VALUE, None),
        (Choice(Feedback), ["up"], FaultReason.UNKNOWN_VALUE, None),
        (Email(), "nobody", FaultReason.NOT_AN_EMAIL, None),
        (Email(), "a" * 250 + "@x.org", FaultReason.TOO_LONG, 254),
        (Password(), "short", FaultReason.TOO_SHORT, 8),
        (Preferences(), [], FaultReason.WRONG_TYPE, None),
        (Preferences(), {f"p{n}": 1 for n in range(101)}, FaultReason.TOO_MANY, 100),
        (Tags(), "physics", FaultReason.WRONG_TYPE, None),
        (Tags(), [f"tag {n}" for n in range(21)], FaultReason.TOO_MANY, 20),
    ],
    ids=str,
)
def test_a_refusal_carries_its_reason_and_the_limit_that_was_passed(
    field: fields.Field[Any], value: object, reason: FaultReason, limit: float | None
) -> None:
    with pytest.raises(ValidationError) as refused:
        Schema.from_dict({"it": field})().load({} if value is missing else {"it": value})
    fault = refused.value.messages_dict["it"][0]
    assert (fault.reason, fault.limit) == (reason, limit)


def test_a_password_is_as_long_as_it_is_composed_and_no_more_of_it_is_composed_than_that_takes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    letter = "\u03b1\u0313\u0300\u0345"  # of all letters that can be composed, those of four characters are longest
    assert Password().deserialize(letter * 1024) == "\u1f82" * 1024
    composed = MagicMock(side_effect=unicodedata.normalize)
    monkeypatch.setattr("unicodedata.normalize", composed)

    for longer in (letter * 1024 + "a", letter * 100_000):
        with pytest.raises(ValidationError, match="longer than 1024"):
            Password().deserialize(longer)

    assert [len(call.args[1]) for call in composed.call_args_list] == [4097, 4097]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ([], FaultReason.WRONG_TYPE),
        ("x" * 20_001, FaultReason.TOO_LONG),
        ("\0", FaultReason.NOT_STORABLE_TEXT),
        (2**53, FaultReason.TOO_LARGE),
        (-(2**53), FaultReason.TOO_SMALL),
    ],
    ids=str,
)
def test_a_preference_that_is_refused_is_named(value: object, reason: FaultReason) -> None:
    with pytest.raises(ValidationError) as refused:
        load(Preferences(), {"good": 1, "bad": value})
    [(name, [fault])] = refused.value.messages_dict["it"].items()
    assert (name, fault.reason) == ("bad", reason)


def test_a_fault_is_its_sentence_and_keeps_its_reason_in_copies() -> None:
    fault = Fault(FaultReason.TOO_LONG, "This is longer than {x}.", 5)

    again = copy.deepcopy(fault).format(x=1)

    assert again == "This is longer than {x}."
    assert (again.reason, again.limit) == (FaultReason.TOO_LONG, 5)


INPUTS = [
    value
    for module in (account, base, chat, conversation, message)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, ApiSchema) and (value.example or value.__name__.endswith("Args"))
]
STRANGE: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    1.5,
    float("nan"),
    "",
    " ",
    "x" * 30_000,
    "\0",
    [],
    [[]],
    {},
    {"": []},
)


@pytest.mark.parametrize("schema", INPUTS, ids=lambda schema: schema.__name__)
def test_no_refusal_of_a_request_is_without_a_reason(schema: type[ApiSchema], app: Flask) -> None:
    names = [field.data_key or "" for field in schema().fields.values()]
    bodies: list[Any] = [{}, [], None, {"unknown": 1}, *({name: value} for name in names for value in STRANGE)]
    with app.app_context():
        for body in bodies:
            refused = schema().validate(body)
            assert all(isinstance(message, Fault) for message in _messages(refused)), (body, refused)


@pytest.mark.parametrize(
    ("field", "value", "kept"),
    [
        (Text(), "", ""),
        (Text(), " \t\x1b\u202e\U0001f600 ", " \t\x1b\u202e\U0001f600 "),
        (Line(most=9), "  Title\n", "Title"),
        (Line(most=9, blank=True), "  ", ""),
        (Line(most=9), "\u05e9\u05dc\u05d5\u05dd", "\u05e9\u05dc\u05d5\u05dd"),
        (Line(most=9), "\U0001f468\u200d\U0001f469", "\U0001f468\u200d\U0001f469"),
        (Line(most=2), "\U0001f600\U0001f600", "\U0001f600\U0001f600"),
        (Uuid(), UUID.upper(), UUID),
        (Flag(), False, False),
        (QueryFlag(), "false", False),
        (Whole(least=0), 0, 0),
        (Whole(), 1.0, 1),
        (QueryWhole(), "0200", 200),
        (Number(least=0, most=2), 1, 1.0),
        (Number(least=0, most=2), 0.7, 0.7),
    ],
    ids=str,
)
def test_what_a_field_takes_it_keeps(field: fields.Field[Any], value: object, kept: object) -> None:
    assert load(field, value) == kept


class TestContent:
    @pytest.fixture(autouse=True)
    def in_app(self, app: Flask) -> Any:
        with app.app_context():
            yield

    @pytest.mark.parametrize(
        "text", [" a ", "\ta\r\n", "\x1b[31ma", "\u202ea", "\U0001f600" * 10, "e\u0301", "\ufeffa", "\x7f\x01"]
    )
    def test_is_kept_to_the_character(self, text: str) -> None:
        assert load(Content(), text) == text

    @pytest.mark.parametrize(
        "text", ["", " \n\t", "\u3000", "\u200b", "\ufeff\u2060", "\x1f\x85", "a" * 11, "a\0", "a\udc00"]
    )
    def test_is_refused_where_it_is_blank_too_long_or_no_text(self, text: str) -> None:
        with pytest.raises(ValidationError):
            load(Content(), text)


def test_names_are_camel_case_in_json_and_snake_case_in_python() -> None:
    class Thing(ApiSchema):
        conversation_id = Text()
        kept_as_is = Text(data_key="as_is")

    assert camel_case("first_message_id") == "firstMessageId"
    assert Thing().load({"conversationId": "a", "as_is": "b"}) == {"conversation_id": "a", "kept_as_is": "b"}
    with pytest.raises(ValidationError) as refused:
        Thing().load({"conversation_id": "a"})
    assert refused.value.messages_dict["conversation_id"][0].reason is FaultReason.UNKNOWN_FIELD


def test_a_page_dumps_its_items_and_where_the_next_one_begins() -> None:
    class ThingSchema(ApiSchema):
        id = fields.String()

    schema = page_schema(ThingSchema)

    assert schema.__name__ == "ThingPageSchema"
    assert schema().dump(Page(({"id": "1"},), "next")) == {"items": [{"id": "1"}], "nextCursor": "next"}
    assert schema().dump(Page((), None)) == {"items": [], "nextCursor": None}


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x"])
def test_a_limit_outside_1_to_200_is_refused(limit: str) -> None:
    with pytest.raises(ValidationError) as refused:
        PageArgs().load({"limit": limit})
    assert list(refused.value.messages_dict) == ["limit"]


def test_times_are_rfc_3339_in_utc_with_milliseconds() -> None:
    class Thing(ApiSchema):
        created_at = Moment()

    moment = datetime(2026, 1, 31, 8, 5, 9, 120_000, tzinfo=UTC)
    assert Thing().dump({"created_at": moment}) == {"createdAt": "2026-01-31T08:05:09.120Z"}
    assert json.loads(json.dumps(Thing().dump({"created_at": None}))) == {"createdAt": None}
