"""What comes back from a provider that answers."""

from __future__ import annotations

from typing import Any

import pytest

from chatapp.models.chat_models import FinishReason, Usage
from chatapp.providers.chat import ChatRequest, Finish
from chatapp.providers.openai_provider import ModelProvider
from tests.integration.providers.conftest import Ask, Make
from tests.support.provider import FakeProvider
from tests.support.provider_behaviours import UNICODE_TEXT


def test_an_answer_comes_in_pieces_and_ends_with_its_usage(ask: Ask) -> None:
    pieces, finish = ask("normal:tokens=5:gap=50")

    assert "".join(pieces) == "tok0 tok1 tok2 tok3 tok4 "
    assert len(pieces) > 1
    assert finish == Finish(Usage(11, 7), FinishReason.STOP)


def test_the_provider_is_sent_the_conversation_and_its_settings(provider: FakeProvider, ask: Ask) -> None:
    ask("echo", "héllo 🎉", temperature=0.3, top_p=0.9, max_tokens=99)

    call = provider.calls[0]
    assert call["messages"] == [{"role": "user", "content": "héllo 🎉"}]
    assert (call["model"], call["temperature"], call["top_p"], call["max_tokens"]) == ("echo", 0.3, 0.9, 99)
    assert call["authorization"] == "Bearer sk-right"


def test_what_is_not_set_is_left_to_the_provider(provider: FakeProvider, ask: Ask) -> None:
    ask("echo")

    assert {"temperature", "max_tokens"}.isdisjoint(provider.calls[0])


def test_emoji_combining_marks_and_line_ends_split_over_chunks_arrive_whole(ask: Ask) -> None:
    pieces, _ = ask("unicode")

    assert "".join(pieces) == UNICODE_TEXT
    for piece in pieces:
        piece.encode()


def test_half_a_pair_of_surrogates_becomes_a_replacement_character(ask: Ask) -> None:
    pieces, _ = ask("lone")

    assert "".join(pieces) == "a\ufffdbc\ufffd"


def test_an_answer_that_was_cut_off_by_its_limit_says_so(ask: Ask) -> None:
    assert ask("length")[1].reason == "length"


def test_100_000_tokens_arrive(ask: Ask) -> None:
    pieces, _ = ask("flood")

    assert "".join(pieces).count("tok") == 100_000


def test_answers_use_the_same_connection_again(provider: FakeProvider, ask: Ask) -> None:
    for _ in range(5):
        ask("echo")

    assert provider.control()["open"] == 1


def test_a_server_that_ends_its_connections_unannounced_is_asked_on_a_new_one(provider: FakeProvider, ask: Ask) -> None:
    for _ in range(30):
        assert ask("close-after")[0] == ["fine"]

    assert provider.total == 30


def test_a_complete_answer_is_not_spoiled_by_a_connection_that_never_ends(provider: FakeProvider, ask: Ask) -> None:
    pieces, finish = ask("hang-after-finish")

    assert (len("".join(pieces).split()), finish.reason) == (5, "stop")
    provider.wait_until(lambda state: state["open"] == 0)


def test_a_server_that_knows_no_usage_is_asked_without_from_then_on(provider: FakeProvider, ask: Ask) -> None:
    assert ask("refuse-usage") == (["fine"], Finish(None, FinishReason.STOP))
    ask("refuse-usage")

    assert ["stream_options" in call for call in provider.calls] == [True, False, False]


def test_a_model_that_knows_only_the_new_name_of_the_limit_is_given_that(provider: FakeProvider, ask: Ask) -> None:
    assert ask("new-limit", max_tokens=5)[0] == ["fine"]
    ask("new-limit", max_tokens=5)

    assert ["max_completion_tokens" in call for call in provider.calls] == [False, True, True]


def test_an_answer_comes_through_a_proxy_that_the_environment_names(
    provider: FakeProvider, make_provider: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fake provider plays the proxy."""
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{provider.port}")
    monkeypatch.setenv("no_proxy", "")
    through_proxy = make_provider("http://model.invalid/v1")

    pieces = list(through_proxy.stream(ChatRequest("echo", [{"role": "user", "content": "hi"}])))

    assert pieces[0] == "hi"


def opened(provider: FakeProvider) -> dict[str, Any]:
    return provider.wait_until(lambda state: bool(state["running"]))


def test_closing_the_stream_closes_the_connection(provider: FakeProvider, model_provider: ModelProvider) -> None:
    stream = model_provider.stream(ChatRequest("crawl", [{"role": "user", "content": "hi"}]))
    next(stream)
    opened(provider)

    stream.close()

    assert provider.wait_until(lambda state: not state["running"])["open"] == 0
