"""What an answer that failed means to a caller who waited for it."""

from typing import Any

from chatapp.errors import ChatAppError
from chatapp.models.chat_models import Message, MessageError, MessageStatus
from chatapp.models.failures import FailureCode

_BAD_GATEWAY = 502
_UNAVAILABLE = 503
_STATUS: dict[str, int] = {
    FailureCode.TIMEOUT: 504,
    FailureCode.THROTTLED: _UNAVAILABLE,
    FailureCode.MODEL_LOADING: _UNAVAILABLE,
    FailureCode.INTERRUPTED: _UNAVAILABLE,
    FailureCode.INTERNAL: 500,
}
_USUAL_WAIT = 5
"""Seconds until trying again makes sense, where the provider does not say."""


class AnswerFailed(ChatAppError):
    """The answer failed. Both messages are stored, and in the body of this error.

    Args:
        failure: the stored error of the answer.
        turn: both messages, as JSON.
        retry_after: seconds, as the provider said; only counts where trying again later helps.
    """

    def __init__(self, failure: MessageError, turn: dict[str, Any], retry_after: int | None = None) -> None:
        error = {"code": failure.code, "message": failure.message}
        status = _STATUS.get(failure.code, _BAD_GATEWAY)
        wait = (retry_after or _USUAL_WAIT) if status == _UNAVAILABLE else None
        super().__init__(failure.message, details={"error": error, **turn}, retry_after=wait)
        self.status = status
        self.reason = _known(failure.code)


def _known(code: str) -> FailureCode:
    """``code``, unless an earlier version stored one that is not used any more."""
    try:
        return FailureCode(code)
    except ValueError:
        return FailureCode.PROVIDER_FAILED


def failure_of(answer: Message) -> MessageError | None:
    """Why an answer failed, or ``None`` where it did not. An answer that was stopped has not failed."""
    return answer.error if answer.status in (MessageStatus.ERROR, MessageStatus.INTERRUPTED) else None
