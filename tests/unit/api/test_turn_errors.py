"""An answer that failed, as whoever waited for it is told."""

from __future__ import annotations

from flask import Flask

from chatapp.api.turn_errors import AnswerFailed
from chatapp.providers.errors import ProviderError, provider_error


def failed(failure: ProviderError) -> AnswerFailed:
    with Flask("test").test_request_context(headers={"X-Request-Id": "abc"}):
        return AnswerFailed(failure, {"userMessage": None, "assistantMessage": {}})


def test_a_fault_of_ours_names_the_request() -> None:
    assert failed(ProviderError("internal", "Something went wrong here.", 500)).details["requestId"]


def test_a_fault_of_the_provider_does_not() -> None:
    assert "requestId" not in failed(provider_error("unreachable")).details
