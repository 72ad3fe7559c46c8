"""What is read out of the bytes of an event stream."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.models.chat_models import Usage
from chatapp.providers.chunks import LONGEST_EVENT, ChunkReader
from chatapp.providers.errors import ProviderError


def chunk(text: object = None, reason: str | None = None, **more: object) -> bytes:
    choice = {"index": 0, "delta": {} if text is None else {"content": text}, "finish_reason": reason}
    return b"data: " + json.dumps({"choices": [choice], **more}).encode() + b"\n\n"


def failure_of(*data: bytes) -> ProviderError:
    reader = ChunkReader()
    for part in data:
        reader.feed(part)
    if reader.failure is not None:
        return reader.failure
    with pytest.raises(ProviderError) as caught:
        reader.end()
    return caught.value


def test_all_chunks_of_one_read_are_one_piece() -> None:
    assert ChunkReader().feed(chunk("Hel") + chunk("lo") + chunk(" there")) == "Hello there"


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.integers(1, 40))
def test_the_text_does_not_depend_on_where_the_bytes_are_cut(texts: list[str], size: int) -> None:
    stream = b"".join(chunk(text) for text in texts) + chunk(reason="stop") + b"data: [DONE]\n\n"
    reader = ChunkReader()

    parts = [reader.feed(stream[at : at + size]) for at in range(0, len(stream), size)] + [reader.end()]

    assert "".join(parts) == "".join(texts)
    assert reader.failure is None


@given(st.lists(st.sampled_from(["a", "é", "\ud83d", "\ude00"]), min_size=1))
def test_pairs_of_surrogates_are_joined_and_halves_replaced(units: list[str]) -> None:
    reader = ChunkReader()

    parts = [reader.feed(chunk(unit)) for unit in units] + [reader.feed(chunk(reason="stop")), reader.end()]

    expected = "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    assert "".join(parts) == expected
    for part in parts:
        part.encode()


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_lines_may_end_either_way_and_comments_are_passed_over(line_end: bytes) -> None:
    stream = b": PROCESSING\n\nevent: message\n" + chunk("hi", "stop") + b"data:[DONE]\n\n"
    reader = ChunkReader()

    assert reader.feed(stream.replace(b"\n", line_end)) == "hi"
    assert reader.done
    assert reader.end() == ""


def test_the_usage_may_come_in_a_chunk_without_choices() -> None:
    reader = ChunkReader()
    reader.feed(
        chunk("hi", "stop") + b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}\n\n'
    )

    assert reader.usage == Usage(3, 4)


@pytest.mark.parametrize("usage", [None, {}, {"prompt_tokens": 3}, "many"])
def test_a_usage_without_numbers_is_none(usage: object) -> None:
    reader = ChunkReader()
    reader.feed(chunk("hi", usage=usage))

    assert reader.usage is None


def test_a_last_line_without_its_end_still_counts() -> None:
    reader = ChunkReader()
    reader.feed(chunk("hi") + b"data: [DONE]")

    assert reader.end() == ""


@pytest.mark.parametrize(
    "event",
    [
        b"data: {\n\n",
        b"data: 7\n\n",
        b"data: \xff\xfe\n\n",
        b'data: {"choices": 7}\n\n',
        b'data: {"choices": [7]}\n\n',
        b'data: {"choices": [{"delta": 7}]}\n\n',
        b'data: {"choices": {"delta": 7}}\n\n',
        chunk(7),
        chunk({"text": "hi"}),
    ],
)
def test_a_malformed_chunk_is_named_after_the_text_before_it(event: bytes) -> None:
    reader = ChunkReader()

    assert reader.feed(chunk("before") + event) == "before"
    assert reader.failure is not None
    assert reader.failure.code == "malformed_answer"


def test_an_event_without_an_end_is_not_gathered_for_ever() -> None:
    assert failure_of(b"data: " + b"x" * LONGEST_EVENT).code == "malformed_answer"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "boom", "type": "server_error"}, "provider_failed"),
        ({"message": "slow down", "code": "rate_limit_exceeded"}, "throttled"),
        ({"message": "too long", "code": "context_length_exceeded"}, "context_too_long"),
        ({"message": "no", "code": 429}, "throttled"),
        ("words alone", "provider_failed"),
    ],
)
def test_an_error_in_the_stream_is_told_apart(error: object, code: str) -> None:
    assert failure_of(b"data: " + json.dumps({"error": error}).encode() + b"\n\n").code == code


def test_an_answer_that_just_stops_is_a_lost_connection() -> None:
    assert failure_of(chunk("hi")).code == "connection_lost"
    assert failure_of(b'data: {"choi').code == "connection_lost"
    assert failure_of().code == "connection_lost"
    assert failure_of(b": comment\n\n").code == "connection_lost"


def test_what_is_no_event_stream_is_malformed() -> None:
    assert failure_of(b'{"choices": []}').code == "malformed_answer"
    assert failure_of(b"<html>\n</html>\n").code == "malformed_answer"
