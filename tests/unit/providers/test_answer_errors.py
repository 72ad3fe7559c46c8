"""An error is an error wherever it stands, and nothing is read for ever."""

from __future__ import annotations

import json

import pytest

from chatapp.providers.answer_reader import MOST_SILENT_BYTES, AnswerReader
from tests.support.provider_answers import DONE, Outcome, event, text
from tests.support.provider_cases import reply


@pytest.mark.parametrize(
    "error",
    [
        event({"error": {"message": "no", "code": 429}}),
        event({"error": {"message": "no", "code": "429"}}),
        event({"error": {"message": "no", "status": "RESOURCE_EXHAUSTED"}}),
        event([{"error": {"message": "no", "code": 429}}]),
        event({"error": "Rate limit reached"}),
        event({"error": '{"error": {"code": 429}}'}),
        event({"error": {"message": "Error code: 429 - {'error': {}}"}}),
        event({"error": {"message": "Provider returned error", "metadata": {"raw": '{"code": 429}'}}}),
        event({"error": "Model is overloaded", "error_type": "overloaded"}),
        event({"object": "error", "message": "no", "type": "RateLimitError", "code": 429}),
        event({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        event({"message": "no", "code": 429}),
        event({"detail": "Too Many Requests"}),
        event({"detail": [{"msg": "Too many requests", "type": "rate"}]}),
        event({"errors": [{"message": "no", "code": 429}], "success": False}),
        event({"choices": [{"index": 0, "delta": {"content": ""}, "error": {"code": 429, "message": "no"}}]}),
        event({"choices": [{"index": 0, "delta": {}, "finish_reason": "error"}], "error": {"code": 429}}),
        event({"choices": [], "x_groq": {"error": "over capacity: rate limit"}}),
        b"event: error\n" + event({"message": "no", "code": 429}),
        b"event: error\n" + event({"error": {"type": "rate_limit_error"}}),
        b"event: error\ndata: Too many requests\n\n",
        b'error: {"code": 429, "message": "no"}\n\n',
        b"error: rate limit\n",
        b'{"error": {"code": 429, "message": "no"}}\n',
        b'{"error": {"code": 429, "message": "no"}}\r',
    ],
)
def test_an_error_is_found_wherever_providers_put_it(error: bytes) -> None:
    assert Outcome(error).code == "throttled"
    assert Outcome(error, DONE).code == "throttled"
    after = Outcome(text("Hello"), error, DONE)
    assert (after.text, after.code) == ("Hello", "throttled")


def test_json_over_several_lines_is_read_as_a_whole() -> None:
    error = {"detail": [{"msg": "Too many requests"}]}

    assert Outcome(json.dumps(error, indent=2).encode()).code == "throttled"
    assert Outcome(json.dumps(error).encode()).code == "throttled"


@pytest.mark.parametrize(
    "nothing", [{"error": None}, {"error": ""}, {"error": False}, {"type": "ping"}, {"message": "hi"}]
)
def test_what_is_no_error_is_passed_over(nothing: dict[str, object]) -> None:
    assert Outcome(event(nothing), text("Hello", "stop"), event({**nothing, "choices": []})).text == "Hello"


@pytest.mark.parametrize(
    "broken",
    [
        b"data: {\n\n",
        b"data: 7\n\n",
        b"data: \xff\xfe\n\n",
        b"data: " + b"[" * 100_000 + b"\n\n",
        b'data: {"choices": 7}\n\n',
        b'data: {"choices": [7]}\n\n',
        b'data: {"choices": [{"delta": 7}]}\n\n',
        b'data: {"choices": {"delta": 7}}\n\n',
        text(7),
    ],
)
def test_what_cannot_be_read_is_named_after_the_text_before_it(broken: bytes) -> None:
    outcome = Outcome(text("before") + broken + text("after"))

    assert (outcome.text, outcome.code) == ("before", "malformed_answer")


@pytest.mark.parametrize("stream", [b"Internal Server Error", b'{"choices"', b"OK\nfine\n"])
def test_what_is_no_answer_at_all_is_malformed(stream: bytes) -> None:
    assert Outcome(stream).code == "malformed_answer"


@pytest.mark.parametrize(
    "page", [b"<!DOCTYPE html>", b"  <html>\n<body>\n</body></html>\n", b'<?xml version="1.0"?>\n']
)
def test_a_page_names_the_address(page: bytes) -> None:
    assert Outcome(page).code == "wrong_address"


@pytest.mark.parametrize("before", [b"", b"\n\n", b": keep-alive\n\n", b"\r\n\r\n"])
def test_json_that_answers_a_request_for_a_stream_is_an_answer(before: bytes) -> None:
    outcome = Outcome(before, reply("plain_json"))

    assert (outcome.text, outcome.reason) == ("Hello from JSON.", "stop")


def test_it_is_complete_whatever_reason_it_gives() -> None:
    body = {"choices": [{"index": 0, "message": {"content": "Hello"}, "finish_reason": None}]}

    assert Outcome(json.dumps(body).encode()).reason == "stop"
    assert Outcome(json.dumps(body, indent=4).encode()).reason == "stop"


def test_half_of_one_is_not() -> None:
    assert Outcome(reply("plain_json")[:-30]).code == "malformed_answer"


@pytest.mark.parametrize(
    "silence",
    [
        b"x" * 65_536,
        b"data: " + b"x" * 65_530,
        b"data: x\n" * 8192,
        b"\n" * 65_536,
        b":\n\n" * 20_000,
        b"data: {}\n\n" * 6554,
    ],
    ids=["line", "data", "event", "empty lines", "comments", "empty events"],
)
def test_nobody_gathers_for_ever_what_holds_nothing_of_an_answer(silence: bytes) -> None:
    reader = AnswerReader()
    most_reads = MOST_SILENT_BYTES // len(silence) + 1

    reads = next(number for number in range(2 * most_reads) if reader.feed(silence) or reader.failure)

    assert reader.failure is not None
    assert reader.failure.code == "malformed_answer"
    assert reads <= most_reads


def test_a_long_answer_is_no_silence() -> None:
    reader = AnswerReader()

    for _ in range(MOST_SILENT_BYTES // 50_000 + 2):
        assert reader.feed(text("x" * 50_000)) == ["x" * 50_000]

    assert reader.failure is None


def test_the_longest_answer_may_come_in_one_event() -> None:
    assert Outcome(text("\U0001f600" * 250_000, "stop")).text == "\U0001f600" * 250_000
