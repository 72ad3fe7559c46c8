from __future__ import annotations

import httpx2
import openai
import pytest

from chatapp.models.failures import FailureCode
from chatapp.providers.errors import ProviderError, from_error_object, from_exception

REQUEST = httpx2.Request("POST", "http://provider.invalid/v1/chat/completions")


def refused(status: int, body: object, **headers: str) -> ProviderError:
    response = httpx2.Response(status, headers=headers, request=REQUEST)
    return from_exception(openai.APIStatusError("secret", response=response, body=body))


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "This model's maximum context length is 8192 tokens", "context_too_long"),
        (400, "the request exceeds the available context size, try increasing it", "context_too_long"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "context_too_long"),
        (413, "request too large", "context_too_long"),
        (400, "model 'llama9' not found, try pulling it first", "model_not_found"),
        (404, "", "model_not_found"),
        (402, "Payment required", "quota_exceeded"),
        (403, "Country not supported", "key_refused"),
        (408, "", "timeout"),
        (422, "temperature out of range", "request_refused"),
        (503, "Loading model", "model_loading"),
        (502, "Bad gateway", "provider_failed"),
        (504, "Gateway timeout", "timeout"),
        (529, "overloaded_error", "throttled"),
    ],
)
def test_what_servers_say_is_understood(status: int, message: str, code: str) -> None:
    assert refused(status, {"message": message}).code == code
    assert refused(status, {"error": {"message": message}}).code == code
    assert refused(status, message).code == code


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0.2", 1), ("-5", 5), ("soon", 5), ("", 5), ("nan", 5), ("inf", 5), ("99999999", 3600)],
)
def test_the_time_to_wait_is_whole_and_bounded(header: str, seconds: int) -> None:
    assert refused(429, None, **{"Retry-After": header}).retry_after == seconds


def test_only_what_passes_by_itself_says_when_to_try_again() -> None:
    assert refused(500, None, **{"Retry-After": "7"}).retry_after is None
    assert refused(401, None, **{"Retry-After": "7"}).retry_after is None


@pytest.mark.parametrize("body", [None, [], 7, {"error": None}, {"error": []}, {"code": {}}, {"error": {"message": 7}}])
def test_any_body_is_understood_somehow(body: object) -> None:
    assert from_error_object(body).code == "provider_failed"


def test_the_cause_of_a_connection_error_counts() -> None:
    def caused_by(cause: Exception) -> str:
        error = openai.APIConnectionError(request=REQUEST)
        error.__cause__ = cause
        return from_exception(error).code

    assert caused_by(httpx2.ConnectError("refused")) == "unreachable"
    assert caused_by(httpx2.ReadError("reset")) == "connection_lost"
    assert caused_by(httpx2.ConnectTimeout("slow")) == "timeout"
    assert from_exception(openai.APITimeoutError(request=REQUEST)).code == "timeout"


@pytest.mark.parametrize(
    ("status", "again"), [(400, True), (404, True), (422, True), (408, False), (429, False), (500, False), (503, False)]
)
def test_a_refusal_is_told_from_what_passes(status: int, again: bool) -> None:
    assert refused(status, None).refused is again
    assert from_error_object({"error": {"code": status}}).refused is again


def test_every_code_has_a_sentence() -> None:
    for code in FailureCode:
        assert str(ProviderError(code)) == code.sentence
        assert code.sentence.endswith(".")
