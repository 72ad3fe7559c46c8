"""What an answer that failed means to a caller who waited for it."""

from __future__ import annotations

from typing import Any

from chatapp.api.request_id import request_id
from chatapp.errors import ChatAppError
from chatapp.models.chat_models import Message, MessageStatus
from chatapp.providers.errors import ProviderError, provider_error

_THROTTLED = 503
_OUR_FAULT = 500
_OWN_STATUS = {"interrupted": 503, "internal": _OUR_FAULT}
_USUAL_WAIT = 5


class AnswerFailed(ChatAppError):
    """The provider failed. Both messages are stored, and in the error."""

    status = 502
    sentence = "The model provider failed. Try again in a moment."

    def __init__(self, failure: ProviderError, turn: dict[str, Any]) -> None:
        error = {"code": failure.code, "message": failure.sentence}
        super().__init__(failure.sentence, details={"error": error, **turn}, retry_after=failure.retry_after)
        self.status = failure.http_status
        if failure.http_status == _OUR_FAULT:
            self.details["requestId"] = request_id()


class AnswerTimedOut(ChatAppError):
    status = 504
    sentence = "The model provider said nothing for too long. Try again in a moment."


class ProviderBusy(ChatAppError):
    status = 503
    sentence = "The model provider is busy. Try again in a moment."


def failure_of(answer: Message, retry_after: int | None) -> ProviderError | None:
    """Why an answer failed, or ``None`` where it did not: what was stopped has not failed."""
    if answer.error is None or answer.status not in (MessageStatus.ERROR, MessageStatus.INTERRUPTED):
        return None
    code = answer.error.code
    status = _OWN_STATUS.get(code) or _provider_status(code)
    wait = (retry_after or _USUAL_WAIT) if status == _THROTTLED else None
    return ProviderError(code, answer.error.message, status, wait)


def _provider_status(code: str) -> int:
    try:
        return provider_error(code).http_status
    except KeyError:
        return 502
