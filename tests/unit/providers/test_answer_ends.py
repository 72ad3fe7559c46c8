"""An answer ends complete only where the provider has said so."""

from __future__ import annotations

import pytest

from chatapp.models.chat_models import FinishReason, Usage
from chatapp.providers.chat import Finish
from tests.support.provider_answers import DONE, STOP, Outcome, chunk, event, text


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("stop", "stop"),
        ("length", "length"),
        ("content_filter", "content_filter"),
        ("tool_calls", "tool_calls"),
        ("function_call", "function_call"),
        ("STOP", "stop"),
        ("eos", "stop"),
        ("end_turn", "stop"),
        ("MAX_TOKENS", "length"),
        ("model_length", "length"),
        ("SAFETY", "content_filter"),
    ],
)
def test_a_reason_that_is_known_ends_an_answer(said: str, reason: str) -> None:
    assert Outcome(text("Hello", said)).reason == reason


@pytest.mark.parametrize("said", [None, "", "null", "none", "unheard_of", 7, True, {}, ["stop"]])
def test_any_other_does_not(said: object) -> None:
    assert Outcome(text("Hello", said)).code == "connection_lost"
    assert Outcome(text("Hello", said), text(" world"), STOP).text == "Hello world"


def test_text_behind_an_end_shows_that_it_was_none() -> None:
    assert Outcome(text("Hello", "stop"), text(" wor")).code == "connection_lost"
    assert Outcome(text("Hello", "stop"), text(" world", "stop")).reason == "stop"


def test_nothing_counts_behind_done() -> None:
    error = event({"error": "too late"})

    assert (Outcome(text("Hi"), DONE, text(" there"), error).text, Outcome(text("Hi"), DONE, error).reason) == (
        "Hi",
        "stop",
    )


@pytest.mark.parametrize("end", [b"data: [DONE]", b"data:[DONE]\n", b"data: [DONE]\r", STOP.strip()])
def test_a_last_event_counts_without_its_empty_line(end: bytes) -> None:
    assert Outcome(text("Hello"), end).reason == "stop"


def test_text_in_a_last_event_without_its_empty_line_is_not_lost() -> None:
    assert Outcome(text("Hello"), text(" world", "stop").strip()).text == "Hello world"


@pytest.mark.parametrize(
    "parts",
    [(text("hi"),), (b'data: {"choi',), (), (b": comment\n\n",), (text("hi"), text(" there", "stop")[:-20])],
)
def test_an_answer_that_just_stops_is_a_lost_connection(parts: tuple[bytes, ...]) -> None:
    assert Outcome(*parts).code == "connection_lost"


@pytest.mark.parametrize(
    ("stream", "code"),
    [
        (STOP, "empty_answer"),
        (DONE, "empty_answer"),
        (chunk({"reasoning": "hm"}, "stop"), "empty_answer"),
        (chunk(reason="length"), "length"),
        (chunk(reason="content_filter"), "content_filter"),
        (chunk({"tool_calls": [{"index": 0}]}, "tool_calls"), "tool_calls"),
        (chunk({"function_call": {"name": "f"}}, "function_call"), "tool_calls"),
        (chunk({"tool_calls": [{"index": 0}]}, "stop"), "tool_calls"),
    ],
)
def test_an_end_without_text_says_why(stream: bytes, code: str) -> None:
    assert Outcome(stream).code == code


def test_text_beside_a_tool_call_is_an_answer() -> None:
    assert Outcome(text("Let me see."), chunk({"tool_calls": [{"index": 0}]}, "tool_calls")).reason == "tool_calls"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("error", "provider_failed"),
        ("abort", "provider_failed"),
        ("insufficient_system_resource", "throttled"),
        ("time_limit", "timeout"),
    ],
)
def test_a_reason_that_means_a_failure_is_one(said: str, code: str) -> None:
    outcome = Outcome(text("Hello", said), DONE)

    assert (outcome.text, outcome.code) == ("Hello", code)


@pytest.mark.parametrize(
    "place",
    [
        event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}),
        event({"choices": [], "x_groq": {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}}),
        event({"choices": [{"delta": {}, "usage": {"prompt_tokens": 3, "completion_tokens": 4}}]}),
    ],
)
def test_it_is_found_in_every_place(place: bytes) -> None:
    assert Outcome(text("hi", "stop"), place).end == Finish(Usage(3, 4), FinishReason.STOP)


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        "many",
        {"prompt_tokens": 3},
        {"prompt_tokens": -1, "completion_tokens": 1},
        {"prompt_tokens": True, "completion_tokens": 1},
        {"prompt_tokens": 1.5, "completion_tokens": 1},
        {"prompt_tokens": "3", "completion_tokens": 1},
        {"prompt_tokens": 2**53, "completion_tokens": 1},
    ],
)
def test_what_is_no_count_is_passed_over(usage: object) -> None:
    told = chunk(usage={"prompt_tokens": 3, "completion_tokens": 4})

    assert Outcome(text("hi", "stop"), chunk(usage=usage)).end == Finish(None, FinishReason.STOP)
    assert Outcome(text("hi", "stop"), told, chunk(usage=usage)).end == Finish(Usage(3, 4), FinishReason.STOP)
