"""What can be wrong with a request before the domain sees it, and the form in which any error is told."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from chatapp.errors import ChatAppError, Invalid
from chatapp.models.reasons import Reason


class InvalidInput(Invalid):
    """The schema refused the request. ``found`` maps a place (``json``, ``query``) to fields to sentences."""

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


class NotSignedIn(ChatAppError):
    status = 401
    reason = Reason.NOT_SIGNED_IN
    sentence = "Sign in first."


class CrossSite(ChatAppError):
    status = 403
    reason = Reason.CROSS_SITE
    sentence = "Another site sent this request."


class Unexpected(ChatAppError):
    """A fault of ours. The caller gets nothing but a name for the request."""

    status = 500
    reason = Reason.INTERNAL
    sentence = "Something went wrong here. It has been written down."


def error_body(
    code: int,
    sentence: str,
    *,
    errors: Mapping[str, Any] | None = None,
    details: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """The JSON of an error. A sentence about fields begins with the first one's name."""
    body: dict[str, Any] = {**(details or {}), "code": code, "status": HTTPStatus(code).phrase, "message": sentence}
    if errors:
        body["message"] = _first_fault(errors) or sentence
        body["errors"] = errors
    return body


def _first_fault(found: Any, path: tuple[str, ...] = ()) -> str | None:
    """The first sentence in ``found``, led by its field's name, as in ``content: This must not be blank.``."""
    if isinstance(found, Mapping):
        faults = (_first_fault(inner, (*path, str(name))) for name, inner in found.items())
        return next((fault for fault in faults if fault), None)
    names = [name for name in path[1:] if name != "_schema"]
    first = str(found[0]) if found else ""
    return f"{'.'.join(names)}: {first}" if names else first
