"""An answer that failed, as whoever waited for it is told."""

from __future__ import annotations

import pytest

from chatapp.api.turn_errors import AnswerFailed
from chatapp.models.chat_models import MessageError
from chatapp.models.failures import FailureCode


def failed(code: str, retry_after: int | None = None) -> AnswerFailed:
    failure = MessageError(code, "Something went wrong.", refused=True)
    return AnswerFailed(failure, {"userMessage": None, "assistantMessage": {}}, retry_after)


def test_the_reason_is_the_code() -> None:
    assert failed(FailureCode.UNREACHABLE).reason == "unreachable"


def test_a_code_that_an_earlier_version_stored_is_no_reason_of_today() -> None:
    error = failed("filtered")
    assert error.reason == FailureCode.PROVIDER_FAILED
    assert error.details["error"] == {"code": "filtered", "message": "Something went wrong."}


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("timeout", 504),
        ("throttled", 503),
        ("model_loading", 503),
        ("interrupted", 503),
        ("internal", 500),
        ("connection_lost", 502),
        ("length", 502),
        ("stored by an earlier version", 502),
    ],
)
def test_the_code_decides_the_status(code: str, status: int) -> None:
    assert failed(code).status == status


def test_only_what_passes_by_itself_says_when_to_try_again() -> None:
    assert failed("throttled", 7).retry_after == 7
    assert failed("throttled").retry_after == 5
    assert failed("provider_failed", 7).retry_after is None


def test_the_body_has_the_code_and_the_sentence_and_nothing_else_of_the_error() -> None:
    assert failed("throttled").details["error"] == {"code": "throttled", "message": "Something went wrong."}
