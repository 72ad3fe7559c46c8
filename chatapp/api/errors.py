"""Turns every error into an answer: the one place where the domain's errors become HTTP.

Under ``/api`` (and for every error of the domain) the answer is JSON: ``code``, ``status``, ``message``, ``reason``
and, where fields are at fault, ``errors`` and ``faults``. Unexpected errors say only a ``requestId``, by which the log
names them.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Flask, Response, jsonify, request
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    NetworkTimeout,
    PyMongoError,
    WaitQueueTimeoutError,
)
from werkzeug.exceptions import HTTPException

from chatapp.api.problems import BodyTooLarge, InvalidInput, Unexpected, error_body
from chatapp.api.request_id import request_id
from chatapp.errors import ChatAppError, StoreUnavailable
from chatapp.models.reasons import Fault, Reason

logger = logging.getLogger(__name__)

UNREACHABLE = (AutoReconnect, ConnectionFailure, ExecutionTimeout, NetworkTimeout, WaitQueueTimeoutError)
STORE_RETRY_SECONDS = 2
HTTP_REASONS = {
    404: (Reason.NOT_FOUND, "There is nothing here."),
    405: (Reason.METHOD_NOT_ALLOWED, "This cannot be done here; Allow says what can."),
    413: (Reason.BODY_TOO_LARGE, BodyTooLarge.sentence),
}


def register(app: Flask) -> None:
    """Handles, on ``app``, whatever a view or a hook raises."""
    app.register_error_handler(ChatAppError, answer_domain_error)
    app.register_error_handler(PyMongoError, answer_store_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, answer_unexpected)


def answer_domain_error(error: ChatAppError) -> Response:
    """What the domain, or the reading of the request, refused."""
    found = error.found if isinstance(error, InvalidInput) else _located(error.fields)
    details = {**error.details, "requestId": request_id()} if error.status == Unexpected.status else error.details
    response = _answer(error_body(error.status, error.reason, str(error), errors=found, details=details))
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def answer_store_error(error: PyMongoError) -> Response:
    """503 while MongoDB cannot be reached or has no primary; anything else it says is a fault of ours."""
    passing = isinstance(error, UNREACHABLE) or error.timeout or error.has_error_label("RetryableWriteError")
    if not passing:
        return answer_unexpected(error)
    logger.warning("MongoDB cannot be reached: %s, request %s", type(error).__name__, request_id())
    return answer_domain_error(StoreUnavailable(retry_after=STORE_RETRY_SECONDS))


def answer_http_error(error: HTTPException) -> Response | HTTPException:
    """What Flask and werkzeug refuse: unknown paths, other methods, bodies that are too large. Redirects stay."""
    if error.code is None or error.code < HTTPStatus.BAD_REQUEST or not wants_json():
        return error
    other = Reason.BAD_REQUEST if error.code < HTTPStatus.INTERNAL_SERVER_ERROR else Reason.INTERNAL
    reason, sentence = HTTP_REASONS.get(error.code, (other, error.description or ""))
    response = _answer(error_body(error.code, reason, sentence))
    for name, value in error.get_headers(request.environ):
        if name not in ("Content-Type", "Content-Length"):
            response.headers[name] = value
    return response


def answer_unexpected(error: Exception) -> Response:
    """500. The log gets the trace, the caller an id to name it by."""
    logger.error("Unexpected error in request %s", request_id(), exc_info=_without_content(error))
    return answer_domain_error(Unexpected())


def _without_content(error: Exception) -> Exception:
    """MongoDB quotes the document that it refuses, and with it what a person wrote: only the code is logged."""
    if not isinstance(error, PyMongoError):
        return error
    code = getattr(error, "code", None)
    return RuntimeError(f"{type(error).__name__}, code {code}").with_traceback(error.__traceback__)


def _answer(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.status_code = body["code"]
    return response


def _located(fields: Mapping[str, list[Fault]]) -> dict[str, dict[str, list[Fault]]]:
    """Fields that a service refused, below the place in the request where they stood."""
    found: dict[str, dict[str, list[Fault]]] = {}
    for name, sentences in fields.items():
        found.setdefault("query" if name in request.args else "json", {})[name] = sentences
    return found


def wants_json() -> bool:
    """Everything under ``/api`` does; a page that does not exist may be said in HTML."""
    if request.path == "/api" or request.path.startswith("/api/"):
        return True
    return request.accept_mimetypes.best_match(("application/json", "text/html")) != "text/html"
