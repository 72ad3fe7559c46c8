"""What providers send in the field, over HTTP."""

from __future__ import annotations

import json

import pytest

from chatapp.models.chat_models import FinishReason, Usage
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import ChatRequest, Finish, Piece, ReasoningText
from chatapp.providers.errors import ProviderError
from chatapp.providers.models import list_models
from chatapp.providers.openai_provider import ModelProvider
from tests.integration.providers.conftest import Ask, Make
from tests.support.provider import FakeProvider
from tests.support.provider_cases import STREAMS, Stream, reply

SYSTEM = ({"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"})


def request(model: str) -> ChatRequest:
    return ChatRequest(model, [{"role": "user", "content": "hi"}])


@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_a_stream_means_what_it_means_however_it_is_framed_and_cut(
    model_provider: ModelProvider, stream: Stream, framing: str
) -> None:
    pieces: list[Piece] = []
    code: FailureCode | None = None
    try:
        pieces.extend(model_provider.stream(request(f"case:name={stream.name}:size=7:framing={framing}")))
    except ProviderError as error:
        code = error.code

    assert "".join(piece for piece in pieces if isinstance(piece, str)) == stream.text
    assert "".join(piece.text for piece in pieces if isinstance(piece, ReasoningText)) == stream.reasoning
    assert code == stream.failure
    assert [piece.reason for piece in pieces if isinstance(piece, Finish)] == ([stream.reason] if stream.reason else [])


@pytest.mark.parametrize(("model", "usage"), [("pause", None), ("second-wind", Usage(3, 2))])
def test_an_answer_that_goes_on_after_a_false_end_and_a_long_silence_is_whole(
    monkeypatch: pytest.MonkeyPatch, ask: Ask, model: str, usage: Usage | None
) -> None:
    monkeypatch.setattr("chatapp.providers.openai_provider._USAGE_SECONDS", 0.2)

    pieces, finish = ask(f"{model}:gap=700")

    assert ("".join(pieces), finish) == ("Hello world", Finish(usage, FinishReason.STOP))


def test_a_whole_completion_is_an_answer_to_a_request_for_a_stream(ask: Ask) -> None:
    pieces, finish = ask("plain-json")

    assert (pieces, finish.reason) == (["Hello from JSON."], "stop")


@pytest.mark.parametrize(
    ("model", "names"), [("no-stream-options", ["stream_options"]), ("no-temperature", ["temperature"])]
)
def test_what_a_model_refuses_is_left_out_from_then_on(
    provider: FakeProvider, ask: Ask, model: str, names: list[str]
) -> None:
    for _ in range(2):
        assert ask(model, temperature=0.3, max_tokens=9)[0] == ["fine"]

    sent = [{"stream_options", "temperature", "max_tokens"}.intersection(call) for call in provider.calls]
    assert [everything - set(names) == everything for everything in sent] == [False, True, True]
    assert [len(everything) for everything in sent] == [3, 2, 2]


def test_a_system_prompt_that_a_model_refuses_is_said_in_the_first_question(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    for _ in range(2):
        assert next(model_provider.stream(ChatRequest("no-system", SYSTEM))) == "fine"  # type: ignore[arg-type]

    folded = [{"role": "user", "content": "Be brief.\n\nHi"}]
    assert [call["messages"] for call in provider.calls] == [list(SYSTEM), folded, folded]


def test_a_provider_that_refuses_everything_is_not_asked_for_ever(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    with pytest.raises(ProviderError) as caught:
        list(model_provider.stream(ChatRequest("no-model", SYSTEM, 0.3, max_tokens=9)))  # type: ignore[arg-type]

    assert (caught.value.code, caught.value.refused) == ("request_refused", True)
    assert provider.total == 6


class TestAddresses:
    def test_a_base_url_without_the_protocols_path_is_named_and_not_the_model(
        self, provider: FakeProvider, make_provider: Make
    ) -> None:
        for url in (provider.base_url.removesuffix("/v1"), f"{provider.base_url}/v2"):
            with pytest.raises(ProviderError) as caught:
                list(make_provider(url).stream(request("echo")))
            assert caught.value.code == "wrong_address"

    def test_a_redirection_names_the_address(self, model_provider: ModelProvider) -> None:
        with pytest.raises(ProviderError) as caught:
            list(model_provider.stream(request("redirect")))
        assert caught.value.code == "wrong_address"

    def test_the_query_of_a_base_url_stands_in_every_request(self, provider: FakeProvider, make_provider: Make) -> None:
        provider.control(models_body=[{"id": "echo", "meta": {}}])
        versioned = make_provider(f"{provider.base_url}/?api-version=2026-01-01&x=%20y")

        assert next(versioned.stream(request("echo"))) == "hi"
        assert [model.id for model in list_models(versioned.client)] == ["echo"]

        query = "?api-version=2026-01-01&x=%20y"
        paths = [f"/v1/chat/completions{query}", f"/v1/models{query}", f"/props{query}"]
        assert provider.control()["queries"] == paths

    def test_a_name_and_a_password_in_the_base_url_are_sent_as_such(
        self, provider: FakeProvider, make_provider: Make
    ) -> None:
        named = make_provider(provider.base_url.replace("://", "://me:s%40cret@"))

        assert next(named.stream(request("echo"))) == "hi"
        assert provider.calls[0]["authorization"] == "Basic bWU6c0BjcmV0"


def test_a_list_of_models_may_be_bare(provider: FakeProvider, model_provider: ModelProvider) -> None:
    provider.control(models_body=json.loads(reply("bare_models")))

    assert [(model.id, model.context_tokens) for model in list_models(model_provider.client)] == [
        ("m-1", 8192),
        ("m-2", None),
    ]


def test_a_provider_that_says_nothing_as_fast_as_it_can_is_left(model_provider: ModelProvider) -> None:
    with pytest.raises(ProviderError) as caught:
        list(model_provider.stream(request("silence")))
    assert caught.value.code == "malformed_answer"
