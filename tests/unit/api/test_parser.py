"""How bodies are read."""

from __future__ import annotations

import pytest

from chatapp.api.parser import MOST_LEVELS, MOST_VALUES, read_json
from chatapp.api.problems import InvalidInput, NotJson
from chatapp.models.reasons import FaultReason


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b"\xff\xfe{\x00}\x00",
        b'{"a": "\xff"}',
        b'{"a": "line\nbreak"}',
        b"[" * 100_000,
        b'{"a": ' + b"1" * 5000 + b"}",
        b"\xef\xbb\xbf{}",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_what_is_not_json_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(body)


def test_a_name_that_is_no_text_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_json(b'{"\\ud800": 1}')


def test_json_is_read_exactly() -> None:
    assert read_json('{"a": "\U0001f600\\ud83d\\ude00\\u0000", "b": [1.5, null]}'.encode()) == {
        "a": "\U0001f600\U0001f600\0",
        "b": [1.5, None],
    }


def _object_with(members: int) -> bytes:
    return b"{" + b",".join(b'"m%d":1' % number for number in range(members)) + b"}"


def _lists_in_lists(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (_object_with(MOST_VALUES + 1), FaultReason.TOO_MANY),
        (b"[" + b",".join([b"{}"] * (MOST_VALUES + 1)) + b"]", FaultReason.TOO_MANY),
        (b"[" + b",".join([b"1"] * MOST_VALUES) + b"]", FaultReason.TOO_MANY),
        (b"[" + b",".join([b"[[]]"] * (MOST_VALUES // 2)) + b"]", FaultReason.TOO_MANY),
        (_lists_in_lists(MOST_LEVELS + 1), FaultReason.TOO_DEEP),
    ],
    ids=["members", "objects", "items", "in all", "levels"],
)
def test_a_body_that_holds_more_than_any_operation_takes_is_refused(body: bytes, reason: FaultReason) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_json(body)

    assert [fault.reason for fault in refused.value.found["json"]["_schema"]] == [reason]


@pytest.mark.parametrize(
    "body", [_object_with(MOST_VALUES - 1), _lists_in_lists(MOST_LEVELS)], ids=["values", "levels"]
)
def test_a_body_at_the_limit_is_read(body: bytes) -> None:
    assert read_json(body)


def test_what_follows_too_many_members_is_not_even_read() -> None:
    with pytest.raises(InvalidInput):
        read_json(_object_with(MOST_VALUES + 1) + b" is no JSON")
