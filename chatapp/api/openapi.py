"""How operations get into the OpenAPI document, with the errors that they raise."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from copy import deepcopy
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask
from flask_smorest import Api

from chatapp.api.problems import error_body
from chatapp.api.schemas.errors import ErrorSchema
from chatapp.api.schemas.fields import VISIBLE, Content, Line
from chatapp.errors import ChatAppError

EXTENSION = "chatapp.openapi"
IN_ONE_LINE = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*"
ONE_LINE = f"^{IN_ONE_LINE}$"
NOT_BLANK_LINE = f"^{IN_ONE_LINE}{VISIBLE}{IN_ONE_LINE}$"
DESCRIPTION = """\
The HTTP interface of a chat server that keeps every conversation.

Sign in with `POST /api/auth/register` or `/api/auth/login`; the session cookie that comes with the answer is the only
credential. Times are RFC 3339 in UTC, ids are opaque. Every error under `/api` is JSON with `code`, `status`, `message`
and, where fields are at fault, `errors`. Every answer carries an `X-Request-Id`.
"""

View = TypeVar("View", bound=Callable[..., Any])


class ChatApi(Api):
    """flask-smorest's registry of operations; errors are ``chatapp.api.errors``' business alone."""

    ERROR_SCHEMA = ErrorSchema

    def _register_error_handlers(self) -> None:
        """Nothing here: its handler would speak for the pages as well."""


def create_api(app: Flask, cookie: str) -> ChatApi:
    """The registry on ``app``; blueprints are registered with it to be documented. ``cookie`` is the session's name."""
    app.config.update(API_TITLE="Chat", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = ChatApi(app, spec_kwargs={"info": {"description": DESCRIPTION}, "servers": [{"url": "/"}]})
    api.spec.components.security_scheme(
        "session",
        {"type": "apiKey", "in": "cookie", "name": cookie, "description": "Set by registering and by logging in."},
    )
    api.ma_plugin.converter.add_attribute_function(_describe_text)
    app.extensions[EXTENSION] = api
    return api


def _describe_text(_converter: object, field: object, **_: object) -> dict[str, Any]:
    """What the kinds of text take, beyond their length."""
    if isinstance(field, Content):
        return {"minLength": 1, "maxLength": field.most_chars(), "pattern": VISIBLE}
    if isinstance(field, Line):
        return {"pattern": ONE_LINE if field.blank else NOT_BLANK_LINE}
    return {}


def may_fail(
    *errors: type[ChatAppError], examples: Mapping[str, Mapping[str, Any]] | None = None
) -> Callable[[View], View]:
    """Documents that an operation raises ``errors``, each with an example of its answer.

    ``examples`` adds members to an error's example, by the name of its class:
    ``may_fail(TurnInProgress, examples={"TurnInProgress": {"messageId": "..."}})``.
    It only writes documentation, so its place among the decorators does not matter.
    """
    more = examples or {}
    found = [(error, {**error_example(error), **more.get(error.__name__, {})}) for error in errors]

    def decorate(view: View) -> View:
        apidoc = apidoc_of(view)
        responses = apidoc.setdefault("response", {}).setdefault("responses", {})
        for error, example in found:
            responses.setdefault(error.status, []).append(
                {
                    "schema": ErrorSchema,
                    "description": HTTPStatus(error.status).phrase,
                    "examples": {error.__name__: {"summary": error.sentence, "value": example}},
                    "content_type": None,
                }
            )
        return with_apidoc(view, apidoc)

    return decorate


def error_example(error: type[ChatAppError]) -> dict[str, Any]:
    """The answer to ``error``; of one that is made with arguments, as far as its class says."""
    if inspect.signature(error).parameters.keys() - {"sentence", "details", "fields", "retry_after"}:
        return error_body(error.status, error.sentence)
    raised = error()
    errors = {"json": raised.fields} if raised.fields else None
    return error_body(error.status, str(raised), errors=errors, details=raised.details)


def apidoc_of(view: Callable[..., Any]) -> dict[str, Any]:
    """A copy of what flask-smorest's decorators have noted about ``view``."""
    return deepcopy(getattr(view, "_apidoc", {}))


def with_apidoc(view: View, apidoc: dict[str, Any]) -> View:
    """``view`` with ``apidoc`` as its notes."""
    vars(view)["_apidoc"] = apidoc
    return view
