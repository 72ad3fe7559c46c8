"""What an error of a provider means, judging by its status and its words. If one complains in a new way, change this.

The words are only searched, never shown or logged: they can contain a part of the key or of a message.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

from chatapp.models.failures import FailureCode

_LONGEST_WORDS = 10_000
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a provider says is wrong: an HTTP status, if there is one, and all the words in lower case."""

    status: int | None
    words: str

    @property
    def code(self) -> FailureCode:
        """The failure that this is."""
        for code, pattern in _BY_WORDS:
            if pattern.search(self.words) and not (self.status == 429 and code is FailureCode.CONTEXT_TOO_LONG):
                return code
        if self.status == 404:
            named = re.search("model|deployment", self.words)
            return FailureCode.MODEL_NOT_FOUND if named else FailureCode.WRONG_ADDRESS
        if self.status in _BY_STATUS:
            return _BY_STATUS[self.status]
        is_server_error = self.status is not None and self.status >= 500
        for code, pattern in _BY_KIND:
            if pattern.search(self.words) and not (is_server_error and code in _REFUSALS):
                return code
        is_refusal = self.status is not None and not is_server_error
        return FailureCode.REQUEST_REFUSED if is_refusal else FailureCode.PROVIDER_FAILED

    @property
    def is_refusal(self) -> bool:
        """Whether the provider would refuse the same request again."""
        if self.status is None:
            return self.code in _REFUSALS
        return 400 <= self.status < 500 and self.status not in (408, 429)


def complaint_in(said: object, status: int | None = None) -> Complaint:
    """Finds the status and the words in an error of any form: OpenAI's, FastAPI's, plain text, JSON within JSON.

    Args:
        said: the error, as an object or as text.
        status: that of the response. It takes precedence over one in the error.
    """
    found = list(_values_in(said, "", 0))
    words = " ".join(str(value) for _, value in found)[:_LONGEST_WORDS].lower()
    if status is None:
        numbers = (int(str(value)) for name, value in found if name in _STATUS_FIELDS and _is_status(value))
        status = next(numbers, None) or _status_in(words)
    return Complaint(status, words)


_STATUS_FIELDS = ("code", "status", "status_code", "statusCode", "http_status_code")
_ECHOES = ("input", "ctx", "url", "failed_generation")
"""Fields in which servers repeat what they were sent. A person may have written about anything."""


def _values_in(said: object, name: str, depth: int) -> Iterator[tuple[str, object]]:
    """The values in an error, each with the name of its field."""
    if depth > _DEEPEST:
        return
    if isinstance(said, dict):
        for key, value in said.items():
            if key not in _ECHOES:
                yield from _values_in(value, str(key), depth + 1)
    elif isinstance(said, list):
        for value in said:
            yield from _values_in(value, name, depth + 1)
    elif isinstance(said, str) and said.lstrip().startswith(("{", "[")):
        try:
            yield from _values_in(json.loads(said), name, depth + 1)
        except (ValueError, RecursionError):
            yield name, said
    elif said is not None:
        yield name, said


def _is_status(value: object) -> bool:
    said = str(value)
    return len(said) == 3 and said.isdecimal() and said[0] in "45"


def _status_in(words: str) -> int | None:
    found = re.search(r"\b(?:error code|status code|status|http)\W{1,3}([45]\d\d)\b", words)
    return int(found[1]) if found else None


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_BY_WORDS = (
    (
        FailureCode.CONTEXT_TOO_LONG,
        _any_of(
            "context_length_exceeded",
            "exceed_context_size",
            "context (window|size|length|limit)",
            "maximum (context|prompt) length",
            "(prompt|input|conversation|request) is too long",
            "too many (input )?tokens",
            "input token count",
            "reduce the length of the (messages|prompt)",
            "inputs`? (tokens|must have less)",
        ),
    ),
    (
        FailureCode.QUOTA_EXCEEDED,
        _any_of("insufficient_quota", "insufficient (balance|credit)", "credit balance is too low", "billing_"),
    ),
    (FailureCode.MODEL_LOADING, _any_of("loading model", "model is (still )?loading", "is currently loading")),
    (
        FailureCode.CONTENT_FILTER,
        _any_of("content_filter", "content management policy", "data_inspection_failed", "input was flagged"),
    ),
    (
        FailureCode.MODEL_NOT_FOUND,
        _any_of(
            "model_not_found",
            "deploymentnotfound",
            "no endpoints found",
            "model not exist",
            r"(unknown|invalid|no such) model\b",
            r"\bmodels?\b.{0,200}(not found|does not exist)",
        ),
    ),
)
"""What servers say, whatever the status is. The first match counts."""

_BY_STATUS = {
    401: FailureCode.KEY_REFUSED,
    402: FailureCode.QUOTA_EXCEEDED,
    403: FailureCode.KEY_REFUSED,
    405: FailureCode.WRONG_ADDRESS,
    408: FailureCode.TIMEOUT,
    413: FailureCode.CONTEXT_TOO_LONG,
    429: FailureCode.THROTTLED,
    504: FailureCode.TIMEOUT,
    529: FailureCode.THROTTLED,
}

_BY_KIND = (
    (FailureCode.THROTTLED, _any_of("rate.?limit", "overloaded", "too many requests", "resource_exhausted", "throttl")),
    (FailureCode.KEY_REFUSED, _any_of("api.key", "authenticat", "unauthorized", "permission_?denied")),
    (FailureCode.TIMEOUT, _any_of("time.?out", "timed out", "deadline.exceeded")),
    (
        FailureCode.REQUEST_REFUSED,
        _any_of("invalid.?(request|argument|value)", "bad.?request", "validation", "unsupported", "extra_forbidden"),
    ),
)
"""What servers call their kinds of errors, for errors whose status does not tell."""

_REFUSALS = (
    FailureCode.CONTEXT_TOO_LONG,
    FailureCode.MODEL_NOT_FOUND,
    FailureCode.KEY_REFUSED,
    FailureCode.CONTENT_FILTER,
    FailureCode.REQUEST_REFUSED,
)
