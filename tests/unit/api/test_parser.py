"""How bodies are read."""

from __future__ import annotations

import pytest

from chatapp.api.parser import read_json
from chatapp.api.problems import InvalidInput, NotJson


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
