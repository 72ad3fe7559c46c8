"""An event stream is read as the WHATWG HTML standard says (section 9.2.6), wherever its bytes are cut."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.providers.events import Event, EventReader, StrayLine


def read(*parts: bytes) -> list[Event | StrayLine]:
    reader = EventReader()
    return [item for part in parts for item in reader.feed(part)]


def as_the_standard_says(stream: bytes) -> list[Event]:
    """The standard's steps, one after another, on a stream that is whole."""
    text = stream.decode(errors="replace").removeprefix("\ufeff")
    *lines, _unended = re.split(r"\r\n|\n|\r", text)
    events, data, name = [], "", ""
    for line in lines:
        if not line:
            if data:
                events.append(Event(name or "message", data.removesuffix("\n")))
            data = name = ""
        elif not line.startswith(":"):
            field, _, value = line.partition(":")
            value = value.removeprefix(" ")
            if field == "data":
                data += value + "\n"
            elif field == "event":
                name = value
    return events


PIECES = (
    b"data", b"event", b"id", b"retry", b"error", b":", b" ", b"\r", b"\n", b"\r\n", b"\n\n", b"\xef\xbb\xbf",
    b"data: ", b"data:x", "é".encode(), "😀".encode(), b"\xe2\x82", b"\xff", b"\x00", b"\x0b", b"\x85", b"\x1c",
    "\u2028".encode(), b"{}", b"x",
)  # fmt: skip
STREAMS = st.lists(st.sampled_from(PIECES), max_size=40).map(b"".join)


@given(STREAMS)
def test_events_are_those_of_the_standard(stream: bytes) -> None:
    assert [item for item in read(stream) if isinstance(item, Event)] == as_the_standard_says(stream)


@given(STREAMS, st.lists(st.integers(0, 80)))
def test_what_is_read_does_not_depend_on_where_the_bytes_are_cut(stream: bytes, cuts: list[int]) -> None:
    places = sorted({0, len(stream), *(min(cut, len(stream)) for cut in cuts)})
    parts = [stream[start:end] for start, end in pairwise(places)]

    whole, cut = EventReader(), EventReader()

    expected = whole.feed(stream) + whole.leftover()
    assert [item for part in parts for item in cut.feed(part)] + cut.leftover() == expected
    assert read(*(bytes([byte]) for byte in stream)) == read(stream)


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        pytest.param(b"data: YHOO\ndata: +2\ndata: 10\n\n", [("message", "YHOO\n+2\n10")], id="several data lines"),
        pytest.param(b": test\n\ndata: first\nid: 1\n\ndata:second\nid\n\ndata:  third\n\n",
                     [("message", "first"), ("message", "second"), ("message", " third")], id="one space is dropped"),
        pytest.param(b"data\n\ndata\ndata\n\ndata:", [("message", ""), ("message", "\n")], id="empty data"),
        pytest.param(b"event: add\ndata: 1\n\ndata: 2\n\n", [("add", "1"), ("message", "2")], id="a name is for one"),
        pytest.param(b"event: add\n\ndata: 2\n\n", [("message", "2")], id="a name without data is no event"),
        pytest.param(b"retry: 7\nid: 1\ndata: 2\n\n", [("message", "2")], id="id and retry"),
        pytest.param(b"\xef\xbb\xbfdata: 1\n\n", [("message", "1")], id="byte order mark"),
        pytest.param(b"data: 1\r\rdata: 2\r\r", [("message", "1"), ("message", "2")], id="CR"),
        pytest.param(b"data: 1\r\n\r\ndata: 2\n\r\n", [("message", "1"), ("message", "2")], id="CRLF, mixed"),
        pytest.param("data: 1\u20282\x0b3\x0c4\x1c5\x855\n\n".encode(), [("message", "1\u20282\x0b3\x0c4\x1c5\x855")],
                     id="no other line ends"),
        pytest.param(b"data: \xe2\x82\xff\n\n", [("message", "\ufffd\ufffd")], id="no UTF-8"),
    ],
)  # fmt: skip
def test_what_the_standard_shows(stream: bytes, events: list[tuple[str, str]]) -> None:
    assert read(stream) == events


def test_an_event_is_there_as_soon_as_its_empty_line_is() -> None:
    assert read(b"data: 1\r\n\r") == [("message", "1")]
    assert read(b"data: 1\r\r") == [("message", "1")]


def test_a_crlf_that_is_cut_is_one_line_end() -> None:
    assert read(b"data: 1\r", b"\ndata: 2\r", b"\n", b"\r", b"\n") == [("message", "1\n2")]


def test_a_line_that_is_no_field_is_told_apart() -> None:
    found = read(b'error: {"code": 400}\nerror\ndata: 1\n\n')

    assert found == ['error: {"code": 400}', "error", ("message", "1")]
    assert [type(item) for item in found] == [StrayLine, StrayLine, Event]


def test_what_has_not_ended_is_given_only_to_one_who_asks() -> None:
    reader = EventReader()

    assert reader.feed(b"event: error\ndata: 1\ndata: [DO") == []
    assert reader.feed(b"NE]") == []
    assert reader.leftover() == [("error", "1\n[DONE]")]
    assert reader.leftover() == []


def test_a_long_line_is_gathered_in_little_time() -> None:
    reader = EventReader()

    for _ in range(20_000):  # a copy of all that came before, for each of them, would be 80 GB
        reader.feed(b"x" * 400)

    assert len(reader.leftover()[0]) == 8_000_000
