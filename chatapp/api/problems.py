"""What can be wrong with a request before the domain sees it, and the JSON form of every error."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from chatapp.errors import ChatAppError, Invalid
from chatapp.models.reasons import Fault, Reason

MOST_FAULTS = 50
"""How many faults of a request are told."""


class InvalidInput(Invalid):
    """The schema refused the request. ``found`` maps a place (``json``, ``query``) to fields to faults."""

    def __init__(self, found: Mapping[str, Any]) -> None:
        super().__init__()
        self.found = found


class NotJson(ChatAppError):
    status = 400
    reason = Reason.MALFORMED_JSON
    sentence = "The body is not valid JSON."


class UnsupportedBody(ChatAppError):
    status = 415
    reason = Reason.UNSUPPORTED_MEDIA_TYPE
    sentence = "The body must be JSON; say so with Content-Type: application/json."


class BodyTooLarge(ChatAppError):
    status = 413
    reason = Reason.BODY_TOO_LARGE
    sentence = "The body is too large."


class BodyTooSlow(ChatAppError):
    """``config.connections`` says how long a body may take."""

    status = 408
    reason = Reason.BODY_TOO_SLOW
    sentence = "The body did not come in time."


class UriTooLong(ChatAppError):
    """Answered by ``config.refusals``: the application never sees such a request."""

    status = 414
    reason = Reason.URI_TOO_LONG
    sentence = "The address is too long."


class HeadersTooLarge(ChatAppError):
    """Answered by ``config.refusals``: the application never sees such a request."""

    status = 431
    reason = Reason.HEADERS_TOO_LARGE
    sentence = "The request's headers are too large."


class NotSignedIn(ChatAppError):
    status = 401
    reason = Reason.NOT_SIGNED_IN
    sentence = "Sign in first."


class OtherUser(ChatAppError):
    """The client shows one person's data while another person's cookie is in the browser."""

    status = 409
    reason = Reason.OTHER_USER
    sentence = "Somebody else is signed in here now."


class CrossSite(ChatAppError):
    status = 403
    reason = Reason.CROSS_SITE
    sentence = "Another site sent this request."


class MetricsNotAllowed(ChatAppError):
    status = 403
    reason = Reason.METRICS_NOT_ALLOWED
    sentence = "Only those who run this server may read its metrics."


class Unexpected(ChatAppError):
    """A fault of ours. The caller gets nothing but an id of the request."""

    status = 500
    reason = Reason.INTERNAL
    sentence = "Something went wrong here. It has been written down."


def error_body(
    code: int,
    reason: str,
    sentence: str,
    *,
    errors: Mapping[str, Any] | None = None,
    details: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The JSON of an error.

    Args:
        code: the HTTP status.
        reason: a ``Reason``, or a ``FailureCode`` where an answer failed.
        sentence: for people. Where ``errors`` names fields, the sentence of the first one takes its place.
        errors: maps a place (``json``, ``query``) to fields to faults, as marshmallow nests them; the first
            ``MOST_FAULTS`` are told.
        details: members that this error has besides; they cannot replace the others.
    """
    body: dict[str, Any] = {
        **(details or {}),
        "code": code,
        "status": HTTPStatus(code).phrase,
        "message": sentence,
        "reason": reason,
    }
    if errors:
        errors = _first(errors, iter(range(MOST_FAULTS)))
        found = [fault for place in errors.values() for fault in _faults(place)]
        body["message"] = f"{found[0][0]}: {found[0][1]}" if found[0][0] else str(found[0][1])
        body["errors"] = errors
        body["faults"] = [_fault_json(field, fault) for field, fault in found]
    return body


def _first(found: Any, left: Iterator[int]) -> Any:
    """What of ``found`` is told: one fault for each number that is ``left``."""
    if isinstance(found, Mapping):
        kept = {name: _first(inner, left) for name, inner in found.items()}
        return {name: inner for name, inner in kept.items() if inner}
    return [fault for fault, _ in zip(found, left, strict=False)]


def _faults(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Fault]]:
    """Each fault in ``found`` with the path of its field, as in ``tags.0``; the path of the whole body is empty."""
    if isinstance(found, Mapping):
        for name, inner in found.items():
            yield from _faults(inner, path if name == "_schema" else (*path, str(name)))
    else:
        for fault in found:
            yield ".".join(path), fault


def _fault_json(field: str, fault: Fault) -> dict[str, Any]:
    shown: dict[str, Any] = {"field": field, "reason": fault.reason}
    if fault.limit is not None:
        shown["limit"] = fault.limit
    return shown
