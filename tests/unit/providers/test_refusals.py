"""What is learned when a provider refuses a request for what stands in it."""

from __future__ import annotations

import json

import pytest

from chatapp.providers.chat import ChatRequest
from chatapp.providers.errors import ProviderError, from_event, from_response
from chatapp.providers.refusals import Refusals
from tests.support.provider_cases import reply

REQUEST = ChatRequest(
    "m",
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    temperature=0.3,
    top_p=0.9,
    max_tokens=99,
)
USUAL = {
    "model": "m",
    "messages": REQUEST.messages,
    "stream": True,
    "stream_options": {"include_usage": True},
    "temperature": 0.3,
    "top_p": 0.9,
    "max_tokens": 99,
}
FOLDED = [{"role": "user", "content": "Be brief.\n\nHi"}]


def refused(status: int, said: object) -> ProviderError:
    body = said if isinstance(said, str) else said.decode() if isinstance(said, bytes) else json.dumps(said)
    return from_response(status, {}, body)


def openai(message: str, param: str | None = None) -> object:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": None}}


def fastapi(*loc: object, message: str = "Extra inputs are not permitted") -> object:
    return {"detail": [{"type": "extra_forbidden", "loc": ["body", *loc], "msg": message, "input": {"temperature": 1}}]}


def vllm(field: str) -> object:
    said = f"[{{'type': 'extra_forbidden', 'loc': ('body', '{field}'), 'msg': 'No', 'input': {{'max_tokens': 1}}}}]"
    return {"object": "error", "message": said, "type": "BadRequestError", "param": None, "code": 400}


def without(name: str) -> dict[str, object]:
    return {key: value for key, value in USUAL.items() if key != name}


@pytest.mark.parametrize(
    "refusal",
    [
        refused(422, reply("fastapi_refusal")),
        refused(422, fastapi("stream_options")),
        refused(400, vllm("stream_options")),
        refused(400, openai("Unrecognized request argument supplied: stream_options")),
        refused(400, openai("Extra inputs are not permitted, field: 'stream_options', value: {'include_usage': True}")),
        refused(400, "Unknown field `stream_options`, expected one of `max_tokens`, `temperature`"),
        refused(404, openai("stream_options is not available")),
        refused(405, "stream_options?"),
        refused(501, {"detail": "include_usage is not implemented"}),
        refused(500, {"detail": "create() got an unexpected keyword argument 'stream_options'"}),
        from_event({"error": {"message": "unknown argument stream_options", "code": 400}}),
    ],
)
def test_usage_that_nobody_tells_is_not_asked_for(refusal: ProviderError) -> None:
    attempt = Refusals().attempt(REQUEST)

    assert attempt.body() == USUAL
    assert attempt.learn(refusal)
    assert attempt.body() == without("stream_options")


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, reply("temperature_refusal")),
        refused(
            400,
            openai(
                "Unsupported value: 'temperature' does not support 0.3 with this model. "
                "Only the default (1) value is supported.",
                "temperature",
            ),
        ),
        refused(400, openai("`temperature` is deprecated for this model.")),
        refused(422, fastapi("temperature")),
    ],
)
def test_a_temperature_that_cannot_be_set_is_left_out(refusal: ProviderError) -> None:
    attempt = Refusals().attempt(REQUEST)

    assert attempt.learn(refusal)
    assert attempt.body() == without("temperature")


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, openai("`temperature` and `top_p` cannot both be specified for this model.")),
        refused(400, openai("Unsupported parameter: 'top_p' is not supported with this model.", "top_p")),
        refused(400, vllm("top_p")),
    ],
)
def test_top_p_is_left_out_where_it_is_not_taken_or_not_beside_a_temperature(refusal: ProviderError) -> None:
    attempt = Refusals().attempt(REQUEST)

    assert attempt.learn(refusal)
    assert attempt.body() == without("top_p")


def test_a_limit_has_its_newer_name_where_that_is_wanted_and_is_left_out_where_neither_is_known() -> None:
    attempt = Refusals().attempt(REQUEST)

    assert attempt.learn(
        refused(
            400,
            openai(
                "Unsupported parameter: 'max_tokens' is not supported with this model. "
                "Use 'max_completion_tokens' instead."
            ),
        )
    )
    assert attempt.body() == {**without("max_tokens"), "max_completion_tokens": 99}
    assert attempt.learn(refused(400, vllm("max_completion_tokens")))
    assert attempt.body() == without("max_tokens")


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, openai("System role not supported")),
        refused(400, {"object": "error", "message": "System role not supported", "type": "BadRequestError"}),
        refused(400, "the model does not support a system message"),
        refused(400, openai("Unsupported value: 'messages[0].role' does not support 'system' with this model.")),
        refused(400, openai("Conversation roles must alternate user/assistant/user/assistant/...")),
        refused(400, openai("Only user and assistant roles are supported!")),
        refused(400, [{"error": {"code": 400, "message": "Developer instruction is not enabled for models/gemma-3"}}]),
        refused(422, fastapi("messages", 0, "role", message="Input should be 'user' or 'assistant'")),
    ],
)
def test_a_system_prompt_is_said_in_the_first_question_where_there_is_no_such_role(refusal: ProviderError) -> None:
    attempt = Refusals().attempt(REQUEST)

    assert attempt.learn(refusal)
    assert attempt.body() == {**USUAL, "messages": FOLDED}


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, openai("Unsupported value: 'stream' does not support true with this model.", "stream")),
        refused(400, "Streaming is not supported by this model"),
    ],
)
def test_an_answer_that_cannot_be_streamed_is_asked_for_as_a_whole(refusal: ProviderError) -> None:
    attempt = Refusals().attempt(REQUEST)

    assert attempt.learn(refusal)
    assert attempt.body() == {**without("stream_options"), "stream": False}


def test_a_refusal_that_names_several_is_heeded_one_after_another_and_ends() -> None:
    attempt = Refusals().attempt(REQUEST)
    everything = refused(400, openai("no stream_options, top_p, temperature, max_tokens and no system role here"))

    lessons = 0
    while attempt.learn(everything):
        lessons += 1

    assert lessons == 6
    assert attempt.body() == {"model": "m", "messages": FOLDED, "stream": True}


@pytest.mark.parametrize(
    "refusal",
    [
        refused(400, openai("Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3.")),
        refused(
            422, {"detail": [{"loc": ["body", "temperature"], "msg": "Input should be less than or equal to 1.5"}]}
        ),
        refused(400, openai("max_tokens is too large: 100000. This model supports at most 16384 completion tokens.")),
        refused(400, openai("'max_tokens' is too large. This model's maximum context length is 4096 tokens.")),
        refused(401, openai("no temperature without a key")),
        refused(429, openai("no stream_options for now")),
        refused(503, openai("no stream_options for now")),
        refused(400, "<html>stream_options</html>"),
        refused(400, fastapi("messages", 1, "content", message="Field required")),
        refused(400, ""),
        refused(400, "Unknown field `top_k`, expected one of `max_tokens`, `temperature`, `stream_options`"),
        refused(400, vllm("top_k")),
        refused(422, fastapi("top_k")),
        ProviderError(refused(400, "").code),
    ],
)
def test_what_is_no_refusal_of_a_parameter_teaches_nothing(refusal: ProviderError) -> None:
    attempt = Refusals().attempt(REQUEST)

    assert not attempt.learn(refusal)
    assert attempt.body() == USUAL


def test_what_was_not_asked_for_cannot_be_left_out() -> None:
    attempt = Refusals().attempt(ChatRequest("m", [{"role": "user", "content": "Hi"}]))

    assert not attempt.learn(refused(400, openai("no temperature, no max_tokens, no system role")))


def test_what_helped_is_remembered_for_that_model() -> None:
    refusals = Refusals()
    attempt = refusals.attempt(REQUEST)
    attempt.learn(refused(400, reply("temperature_refusal")))

    attempt.succeeded()

    assert refusals.attempt(REQUEST).body() == without("temperature")
    other = ChatRequest("other", REQUEST.messages, 0.3, 0.9, 99)
    assert refusals.attempt(other).body() == {**USUAL, "model": "other"}


def test_what_did_not_help_is_forgotten() -> None:
    refusals = Refusals()

    refusals.attempt(REQUEST).learn(refused(400, reply("temperature_refusal")))

    assert refusals.attempt(REQUEST).body() == USUAL


def test_a_system_prompt_without_a_question_becomes_one() -> None:
    attempt = Refusals().attempt(ChatRequest("m", [{"role": "system", "content": "Be brief."}]))

    assert attempt.learn(refused(400, openai("System role not supported")))
    assert attempt.body()["messages"] == [{"role": "user", "content": "Be brief."}]
