"""What a provider does wrong, as a code for programs and a sentence for a person.

The sentences never repeat what the provider says: its own words may hold a part of the key or of a message.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import httpx2
import openai

from chatapp.errors import ChatAppError

_LONGEST_WAIT = 3600
_USUAL_WAIT = 5


class ProviderError(ChatAppError):
    """The provider gave no answer, or broke it off.

    ``code`` is stable and for programs, ``sentence`` (also ``str(error)``) for a person, ``http_status`` (502, 503
    or 504) for the JSON form of the API, ``retry_after`` in seconds where the provider throttles.
    """

    status = 502

    def __init__(self, code: str, sentence: str, http_status: int = 502, retry_after: int | None = None) -> None:
        super().__init__(sentence, retry_after=retry_after)
        self.code = code
        self.sentence = sentence
        self.status = http_status

    @property
    def http_status(self) -> int:
        return self.status


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way to fail. ``throttle``: the provider would answer later, so the caller is told when to try again."""

    sentence: str
    http_status: int = 502
    throttle: bool = False


_KINDS = {
    "not_configured": _Kind("No model provider is configured. Ask the person who runs this server."),
    "unreachable": _Kind("The model provider cannot be reached. Try again in a moment."),
    "timeout": _Kind("The model provider said nothing for too long. Try again in a moment.", http_status=504),
    "connection_lost": _Kind("The connection to the model provider was lost before the answer was complete."),
    "malformed_answer": _Kind("The model provider sent something that cannot be read."),
    "empty_answer": _Kind("The model gave an empty answer. Try again, or put the question another way."),
    "filtered": _Kind("The model provider's content filter held the answer back."),
    "throttled": _Kind("The model provider is busy. Try again in a moment.", http_status=503, throttle=True),
    "quota_exceeded": _Kind("The account with the model provider has used up its quota or credit."),
    "model_loading": _Kind("The model is still loading. Try again in a moment.", http_status=503, throttle=True),
    "provider_failed": _Kind("The model provider failed. Try again in a moment."),
    "key_refused": _Kind("The model provider refused the key of this server. Ask the person who runs it."),
    "model_not_found": _Kind("The model provider does not know this model. Choose another one."),
    "context_too_long": _Kind("The message is too long for this model. Shorten it, or choose another model."),
    "request_refused": _Kind("The model provider refused the request. Try another model or other settings."),
}


def provider_error(code: str, retry_after: float | None = None) -> ProviderError:
    """The error that ``code`` names; ``retry_after`` (seconds) counts only where the provider throttles."""
    kind = _KINDS[code]
    wait = _whole_seconds(retry_after) if kind.throttle else None
    return ProviderError(code, kind.sentence, kind.http_status, wait)


def from_exception(error: Exception) -> ProviderError:
    """What an exception of the openai client or of its transport means."""
    if isinstance(error, openai.APIStatusError):
        return _from_status(error)
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) and error.__cause__ else error
    if isinstance(error, openai.APITimeoutError) or isinstance(cause, httpx2.TimeoutException):
        return provider_error("timeout")
    unreachable = (httpx2.ConnectError, httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.ProxyError)
    if isinstance(cause, unreachable):
        return provider_error("unreachable")
    return provider_error("connection_lost")


def from_error_object(body: object, status: int | None = None, retry_after: float | None = None) -> ProviderError:
    """What an error object of the protocol (``{"message", "type", "code", "param"}``) means.

    Args:
        body: the object, in an error's answer or in the middle of a stream.
        status: the HTTP status beside it; in a stream the ``code`` in the object may be one.
        retry_after: seconds.
    """
    words = words_of(body)
    code = _code_of_words(words)
    if code is None:
        code = _code_of_status(_status_in(body) if status is None else status, words)
    return provider_error(code, retry_after)


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


def _code_of_words(words: str) -> str | None:
    if any(word in words for word in _CONTEXT_WORDS):
        return "context_too_long"
    if "insufficient_quota" in words:
        return "quota_exceeded"
    if "loading model" in words:
        return "model_loading"
    if "model_not_found" in words:
        return "model_not_found"
    return None


def _code_of_status(status: int | None, words: str) -> str:
    by_status = {
        401: "key_refused",
        402: "quota_exceeded",
        403: "key_refused",
        404: "model_not_found",
        408: "timeout",
        413: "context_too_long",
        429: "throttled",
        504: "timeout",
    }
    if status in by_status:
        return by_status[status]
    if "rate_limit" in words or "overloaded" in words:
        return "throttled"
    if status is not None and 400 <= status < 500:
        return "model_not_found" if "model" in words and "not found" in words else "request_refused"
    return "provider_failed"


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
