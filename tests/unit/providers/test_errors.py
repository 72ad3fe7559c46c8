"""What it means when a provider refuses or fails."""

from __future__ import annotations

import json

import pytest
from urllib3 import exceptions as wire

from chatapp.clock import utc_now
from chatapp.models.failures import FailureCode
from chatapp.providers.errors import ProviderError, from_event, from_exception, from_response


def refused(status: int, body: object = "", **headers: str) -> ProviderError:
    return from_response(status, headers, body if isinstance(body, str) else json.dumps(body))


@pytest.mark.parametrize(
    ("status", "message", "code"),
    [
        (400, "This model's maximum context length is 8192 tokens", "context_too_long"),
        (400, "the request exceeds the available context size, try increasing it", "context_too_long"),
        (400, "prompt is too long: 210000 tokens > 200000 maximum", "context_too_long"),
        (400, "The input token count (1050000) exceeds the maximum number of tokens allowed", "context_too_long"),
        (400, "This model's maximum prompt length is 131072 but the request contains more", "context_too_long"),
        (422, "Input validation error: `inputs` must have less than 1024 tokens", "context_too_long"),
        (500, "Context size has been exceeded.", "context_too_long"),
        (413, "request too large", "context_too_long"),
        (400, "model 'llama9' not found, try pulling it first", "model_not_found"),
        (404, "The model `gpt-9` does not exist or you do not have access to it.", "model_not_found"),
        (404, "No endpoints found for some/thing.", "model_not_found"),
        (404, "The API deployment for this resource does not exist", "model_not_found"),
        (400, "Model Not Exist", "model_not_found"),
        (404, "", "wrong_address"),
        (404, "404 page not found", "wrong_address"),
        (404, "Invalid URL (POST /chat/completions)", "wrong_address"),
        (405, "Method Not Allowed", "wrong_address"),
        (402, "Payment required", "quota_exceeded"),
        (402, "Insufficient Balance", "quota_exceeded"),
        (400, "Your credit balance is too low to access the API", "quota_exceeded"),
        (403, "Country not supported", "key_refused"),
        (400, "API key not valid. Please pass a valid API key.", "key_refused"),
        (400, "The response was filtered due to the prompt triggering content management policy", "content_filter"),
        (408, "", "timeout"),
        (422, "temperature out of range", "request_refused"),
        (400, "", "request_refused"),
        (429, "Request too large: reduce the length of the messages", "throttled"),
        (503, "Loading model", "model_loading"),
        (503, "Model google/gemma is currently loading", "model_loading"),
        (503, "The model is overloaded. Please try again later.", "throttled"),
        (502, "Bad gateway", "provider_failed"),
        (500, "invalid request to the backend", "provider_failed"),
        (504, "Gateway timeout", "timeout"),
        (529, "overloaded_error", "throttled"),
    ],
)
def test_what_servers_say_is_understood_in_every_form(status: int, message: str, code: str) -> None:
    forms: tuple[object, ...] = (
        message,
        {"message": message},
        {"error": {"message": message, "type": None}},
        {"error": message},
        {"detail": message},
        {"detail": [{"loc": ["body"], "msg": message}]},
        [{"error": {"message": message}}],
        {"error": {"message": "Provider returned error", "metadata": {"raw": json.dumps({"message": message})}}},
    )
    for form in forms:
        assert refused(status, form).code == code, form


@pytest.mark.parametrize(
    ("code", "kind", "meaning"),
    [
        ("model_not_found", "invalid_request_error", "model_not_found"),
        ("insufficient_quota", "insufficient_quota", "quota_exceeded"),
        ("rate_limit_exceeded", "requests", "throttled"),
        ("context_length_exceeded", "invalid_request_error", "context_too_long"),
        ("content_filter", None, "content_filter"),
        ("DeploymentNotFound", None, "model_not_found"),
        (None, "exceed_context_size_error", "context_too_long"),
        (None, "overloaded_error", "throttled"),
        (None, "authentication_error", "key_refused"),
        (None, "invalid_request_error", "request_refused"),
        (None, "server_error", "provider_failed"),
        (400, "BadRequestError", "request_refused"),
        ("401", None, "key_refused"),
        (503, "server_error", "provider_failed"),
        (1301, None, "provider_failed"),
    ],
)
def test_an_error_in_a_stream_is_told_by_its_code_and_its_type(code: object, kind: str | None, meaning: str) -> None:
    assert from_event({"error": {"message": "secret", "code": code, "type": kind}}).code == meaning


def test_what_a_person_wrote_is_not_taken_for_what_the_server_says() -> None:
    detail = {"type": "missing", "loc": ["body", "n"], "msg": "Field required", "input": {"content": "context window"}}

    assert refused(422, {"detail": [detail]}).code == "request_refused"


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 405, 501])
def test_a_page_or_a_redirection_names_the_address(status: int) -> None:
    assert refused(status, "<!DOCTYPE html><title>Welcome</title>").code == "wrong_address"


def test_a_page_of_a_gateway_does_not() -> None:
    assert refused(502, "<html>502 Bad Gateway</html>").code == "provider_failed"
    assert refused(503, "<html>503 Service Unavailable</html>").code == "provider_failed"


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7), ("0.2", 1), ("-5", 5), ("soon", 5), ("", 5), ("nan", 5), ("inf", 5), ("99999999", 3600)],
)
def test_the_time_to_wait_is_whole_and_bounded(header: str, seconds: int) -> None:
    assert refused(429, **{"retry-after": header}).retry_after == seconds


def test_the_time_to_wait_may_be_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    now = utc_now().replace(year=2026, month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    monkeypatch.setattr("chatapp.providers.errors.utc_now", lambda: now)

    assert refused(503, "loading model", **{"retry-after": "Thu, 01 Jan 2026 00:00:40 GMT"}).retry_after == 40
    assert refused(503, "loading model", **{"retry-after": "Thu, 01 Jan 2025 00:00:40 GMT"}).retry_after == 5


def test_only_what_passes_by_itself_says_when_to_try_again() -> None:
    assert refused(500, **{"retry-after": "7"}).retry_after is None
    assert refused(401, **{"retry-after": "7"}).retry_after is None


@pytest.mark.parametrize("body", [None, [], 7, {"error": None}, {"error": []}, {"code": {}}, {"error": {"message": 7}}])
def test_any_error_is_understood_somehow(body: object) -> None:
    assert from_event(body).code == "provider_failed"


def test_an_error_without_a_bottom_is_understood_somehow() -> None:
    deep: object = "rate limit"
    for _ in range(2000):
        deep = [deep]

    assert from_event(deep).code == "provider_failed"
    assert from_event("[" * 100_000).code == "provider_failed"


@pytest.mark.parametrize(
    ("status", "again"), [(400, True), (404, True), (422, True), (408, False), (429, False), (500, False), (503, False)]
)
def test_a_refusal_is_told_from_what_passes(status: int, again: bool) -> None:
    assert refused(status).refused is again
    assert from_event({"error": {"code": status}}).refused is again


def test_an_error_in_a_stream_without_a_status_is_a_refusal_by_its_meaning() -> None:
    assert from_event({"error": {"type": "exceed_context_size_error"}}).refused
    assert not from_event({"error": {"type": "server_error"}}).refused


def test_the_cause_of_a_failed_request_counts() -> None:
    pool = None
    causes: dict[FailureCode, list[Exception]] = {
        FailureCode.TIMEOUT: [
            wire.ConnectTimeoutError(pool, "slow"),
            wire.ReadTimeoutError(pool, "/", "slow"),  # type: ignore[arg-type]
        ],
        FailureCode.UNREACHABLE: [
            wire.NewConnectionError(pool, "refused"),  # type: ignore[arg-type]
            wire.SSLError("no certificate"),
            wire.ProxyError("no proxy", OSError()),
            wire.LocationParseError("http://:"),
            ValueError("a line feed in a header"),
        ],
        FailureCode.CONNECTION_LOST: [wire.ProtocolError("reset")],
        FailureCode.MALFORMED_ANSWER: [wire.DecodeError("no gzip")],
    }
    for code, errors in causes.items():
        assert [from_exception(error).code for error in errors] == [code] * len(errors)


def test_every_code_has_a_sentence() -> None:
    for code in FailureCode:
        assert str(ProviderError(code)) == code.sentence
        assert code.sentence.endswith(".")
