"""How operations, and the errors that they raise, get into the OpenAPI document."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, ClassVar, TypeVar

from flask import Flask
from flask_smorest import Api
from marshmallow import Schema

from chatapp.api.problems import Unexpected
from chatapp.api.schemas.account_fields import MOST_PREFERENCES, MOST_RETENTION_DAYS, PREFERENCE_CHARS, Preferences
from chatapp.api.schemas.events import CHANGE_EVENTS, TURN_EVENTS, register_events
from chatapp.api.schemas.fields import MOST_EXACT, Choice
from chatapp.api.schemas.message import SHOWN_FINISH_REASONS
from chatapp.api.schemas.problems import (
    AnswerFailedProblemSchema,
    InvalidInputProblemSchema,
    ProblemSchema,
    StorageFullProblemSchema,
    TurnInProgressProblemSchema,
    UnexpectedProblemSchema,
)
from chatapp.api.schemas.text_fields import CURSOR_TEXT, VISIBLE, VISIBLE_IN_LINE, Content, Cursor, Line, Text, Uuid
from chatapp.api.turn_errors import AnswerFailed
from chatapp.errors import ChatAppError, Invalid, StorageFull, TurnInProgress
from chatapp.models.account_models import Language
from chatapp.models.chat_models import Author, Feedback, FinishReason, MessageStatus, Role
from chatapp.models.failures import FailureCode
from chatapp.models.order_models import BatchAction, TagColor
from chatapp.models.reasons import FaultReason, Reason
from chatapp.models.search_models import SearchOrder

EXTENSION = "chatapp.openapi"

STORABLE = r"[^\u0000]*"
IN_ONE_LINE = r"[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*"
PREFERENCE_NAME = "^[A-Za-z][A-Za-z0-9_]{0,63}$"

DESCRIPTION = """\
The HTTP interface of a chat server that keeps every conversation.

Sign in with `POST /api/auth/register` or `/api/auth/login`; the session cookie that comes with the answer is the only
credential. Times are RFC 3339 in UTC, ids are opaque.

Every error under `/api` is JSON with `code`, `status`, `message` and `reason`. `message` is a sentence for people and
may be reworded; `reason` is a stable word for programs. Where fields are at fault, `faults` names each with a `reason`
of its own, the first 50 of them. Every answer carries an `X-Request-Id`.

A body holds at most 1,000 values in 8 levels, and at most 16 kB where nobody has to be signed in.
"""

INFO = {
    "description": DESCRIPTION,
    "contact": {"name": "The people who run this server"},
    "license": {"name": "All rights reserved", "identifier": "LicenseRef-All-Rights-Reserved"},
}

WORDS: tuple[type[StrEnum], ...] = (
    *(Language, Role, Author, SearchOrder, MessageStatus, FinishReason, Feedback, TagColor, BatchAction),
    *(Reason, FaultReason, FailureCode),
)
"""The enums that the document names."""

PROBLEMS: Mapping[type[ChatAppError], type[ProblemSchema]] = {
    AnswerFailed: AnswerFailedProblemSchema,
    StorageFull: StorageFullProblemSchema,
    TurnInProgress: TurnInProgressProblemSchema,
    Invalid: InvalidInputProblemSchema,
    Unexpected: UnexpectedProblemSchema,
    ChatAppError: ProblemSchema,
}
"""The form of each kind of error."""

Failure = ChatAppError | type[ChatAppError]
View = TypeVar("View", bound=Callable[..., Any])


class ChatApi(Api):
    """flask-smorest's registry of operations, with our form of errors."""

    ERROR_SCHEMA: ClassVar[dict[str, str]] = {"$ref": "#/components/schemas/Problem"}
    DEFAULT_ERROR_RESPONSE_NAME = None


def create_api(app: Flask, cookie: str) -> ChatApi:
    """The registry on ``app``; blueprints registered with it are documented. ``cookie`` is the session's name."""
    app.config.update(API_TITLE="Chat", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    api = ChatApi(app, spec_kwargs={"info": INFO, "servers": [{"url": "/"}]})
    api.spec.components.security_scheme(
        "session",
        {"type": "apiKey", "in": "cookie", "name": cookie, "description": "Set by registering and by signing in."},
    )
    api.spec.components.security_scheme(
        "metrics", {"type": "http", "scheme": "bearer", "description": "What `CHATAPP_METRICS_TOKEN` is set to."}
    )
    for describe in (_describe_text, _describe_choice, _describe_preferences):
        api.ma_plugin.converter.add_attribute_function(describe)
    for words in WORDS:
        shown = SHOWN_FINISH_REASONS if words is FinishReason else words
        description = (words.__doc__ or "").partition("\n")[0]
        api.spec.components.schema(
            words.__name__, {"type": "string", "enum": [word.value for word in shown], "description": description}
        )
    for schema in PROBLEMS.values():
        api.spec.components.schema(schema_name(schema), schema=schema)
    register_events(api.spec, "TurnEvent", TURN_EVENTS)
    register_events(api.spec, "ChangeEvent", CHANGE_EVENTS)
    app.extensions[EXTENSION] = api
    return api


def schema_name(schema: type[Schema]) -> str:
    """What the document calls ``schema``."""
    return schema.__name__.removesuffix("Schema")


def may_fail(*errors: Failure) -> Callable[[View], View]:
    """Documents that an operation raises ``errors``.

    A class stands for an error that needs no arguments; an error itself is the example of its answer. It only writes
    documentation, so its place among the decorators does not matter.
    """

    def decorate(view: View) -> View:
        vars(view)["failures"] = (*failures_of(view), *errors)
        return view

    return decorate


def failures_of(view: Callable[..., Any]) -> tuple[Failure, ...]:
    """What ``may_fail`` has said about ``view``."""
    failures: tuple[Failure, ...] = getattr(view, "failures", ())
    return failures


def _describe_text(_converter: object, field: object, **_: object) -> dict[str, Any]:
    """What the kinds of text take, beyond their length."""
    if isinstance(field, Content):
        return {"minLength": 1, "maxLength": field.most_chars(), "pattern": f"^{STORABLE}{VISIBLE}{STORABLE}$"}
    if isinstance(field, Cursor):
        return {"pattern": f"^{CURSOR_TEXT.pattern}$"}
    if isinstance(field, Line):
        return {"pattern": f"^{IN_ONE_LINE}$" if field.blank else f"^{IN_ONE_LINE}{VISIBLE_IN_LINE}{IN_ONE_LINE}$"}
    if isinstance(field, Text) and not isinstance(field, Uuid):
        return {"pattern": f"^{STORABLE}$"}
    return {}


def _describe_choice(_converter: object, field: object, **_: object) -> dict[str, Any]:
    """A reference to the named schema of its words."""
    if not isinstance(field, Choice):
        return {}
    reference = {"$ref": f"#/components/schemas/{field.words.__name__}"}
    return {"anyOf": [reference, {"type": "null"}]} if field.allow_none else reference


def _describe_preferences(_converter: object, field: object, **_: object) -> dict[str, Any]:
    if not isinstance(field, Preferences):
        return {}
    values = [
        {"type": "string", "maxLength": PREFERENCE_CHARS, "pattern": f"^{STORABLE}$"},
        {"type": "number", "minimum": -MOST_EXACT, "maximum": MOST_EXACT},
        {"type": "boolean"},
        {"type": "null"},
    ]
    days = {
        "type": ["integer", "null"],
        "minimum": 1,
        "maximum": MOST_RETENTION_DAYS,
        "description": "After so many days without use a conversation is put into the trash, unless it is pinned.",
    }
    language = {"anyOf": [{"$ref": "#/components/schemas/Language"}, {"type": "null"}]}
    return {
        "maxProperties": MOST_PREFERENCES,
        "properties": {"language": language, "retentionDays": days},
        "propertyNames": {"pattern": PREFERENCE_NAME},
        "additionalProperties": {"anyOf": values},
    }
