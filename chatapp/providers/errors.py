"""What a provider does wrong, as a ``FailureCode``."""

from __future__ import annotations

import math

import httpx2
import openai

from chatapp.models.failures import FailureCode

_LONGEST_WAIT = 3600
_USUAL_WAIT = 5
_ANSWERS_LATER = (FailureCode.THROTTLED, FailureCode.MODEL_LOADING)


class ProviderError(Exception):
    """The provider gave no answer, or broke it off.

    ``code`` says why. ``retry_after``: seconds after which trying again makes sense, where the provider is only busy.
    ``refused``: the provider answered this request with a status of 4xx other than 408 and 429, or said in a stream
    what means the same: asked again, it would refuse again.
    """

    def __init__(self, code: FailureCode, retry_after: int | None = None, *, refused: bool = False) -> None:
        super().__init__(code.sentence)
        self.code = code
        self.retry_after = retry_after
        self.refused = refused

    @property
    def sentence(self) -> str:
        """Why, for a person."""
        return self.code.sentence


def from_exception(error: Exception) -> ProviderError:
    """What an exception of the openai client or of its transport means."""
    if isinstance(error, openai.APIStatusError):
        return _from_status(error)
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
    if isinstance(error, openai.APITimeoutError) or isinstance(cause, httpx2.TimeoutException):
        return ProviderError(FailureCode.TIMEOUT)
    unreachable = (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.ProxyError)
    if isinstance(cause, unreachable):
        return ProviderError(FailureCode.UNREACHABLE)
    return ProviderError(FailureCode.CONNECTION_LOST)


def from_error_object(body: object, status: int | None = None, retry_after: float | None = None) -> ProviderError:
    """What an error object of the protocol (``{"message", "type", "code", "param"}``) means.

    Args:
        body: the object, in an error's answer or in the middle of a stream.
        status: the HTTP status beside it; in a stream the ``code`` in the object may be one.
        retry_after: seconds.
    """
    words = words_of(body)
    status = _status_in(body) if status is None else status
    code = _code_of_words(words) or _code_of_status(status, words)
    refused = status is not None and 400 <= status < 500 and status not in (408, 429)
    wait = _whole_seconds(retry_after) if code in _ANSWERS_LATER else None
    return ProviderError(code, wait, refused=refused)


def _from_status(error: openai.APIStatusError) -> ProviderError:
    return from_error_object(error.body, error.status_code, _retry_after(error.response.headers))


def words_of(body: object) -> str:
    """What an error object says, in one line of lower case; only ever looked at, never shown."""
    if isinstance(body, dict):
        inner = body.get("error", body)
        if isinstance(inner, dict):
            return " ".join(str(inner.get(key) or "") for key in ("code", "type", "param", "message")).lower()
        return str(inner).lower()
    return str(body or "").lower()


_CONTEXT_WORDS = (
    "context_length_exceeded",
    "exceed_context_size",
    "maximum context length",
    "context window",
    "context size",
    "prompt is too long",
    "input is too long",
)


def _code_of_words(words: str) -> FailureCode | None:
    if any(word in words for word in _CONTEXT_WORDS):
        return FailureCode.CONTEXT_TOO_LONG
    if "insufficient_quota" in words:
        return FailureCode.QUOTA_EXCEEDED
    if "loading model" in words:
        return FailureCode.MODEL_LOADING
    if "model_not_found" in words:
        return FailureCode.MODEL_NOT_FOUND
    return None


def _code_of_status(status: int | None, words: str) -> FailureCode:
    by_status = {
        401: FailureCode.KEY_REFUSED,
        402: FailureCode.QUOTA_EXCEEDED,
        403: FailureCode.KEY_REFUSED,
        404: FailureCode.MODEL_NOT_FOUND,
        408: FailureCode.TIMEOUT,
        413: FailureCode.CONTEXT_TOO_LONG,
        429: FailureCode.THROTTLED,
        504: FailureCode.TIMEOUT,
    }
    if status in by_status:
        return by_status[status]
    if "rate_limit" in words or "overloaded" in words:
        return FailureCode.THROTTLED
    if status is not None and 400 <= status < 500:
        return FailureCode.MODEL_NOT_FOUND if "model" in words and "not found" in words else FailureCode.REQUEST_REFUSED
    return FailureCode.PROVIDER_FAILED


def _status_in(body: object) -> int | None:
    """Some servers put the HTTP status into the ``code`` of an error that they send in a stream."""
    inner = body.get("error", body) if isinstance(body, dict) else None
    code = inner.get("code") if isinstance(inner, dict) else None
    return code if isinstance(code, int) and 400 <= code < 600 else None


def _retry_after(headers: httpx2.Headers) -> float | None:
    try:
        return float(headers.get("retry-after", ""))
    except ValueError:
        return None


def _whole_seconds(seconds: float | None) -> int:
    if seconds is None or not math.isfinite(seconds) or seconds < 0:
        return _USUAL_WAIT
    return min(_LONGEST_WAIT, max(1, math.ceil(seconds)))
