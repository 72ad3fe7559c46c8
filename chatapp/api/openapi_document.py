"""The OpenAPI document as it is served: what flask-smorest makes of the code, completed with the errors."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from http import HTTPStatus
from typing import Any

from flask import Flask

from chatapp.api.etags import has_etag
from chatapp.api.openapi import EXTENSION, PROBLEMS, ChatApi, Failure, failures_of, schema_name
from chatapp.api.problems import (
    CrossSite,
    HeadersTooLarge,
    InvalidInput,
    NotSignedIn,
    OtherUser,
    Unexpected,
    UriTooLong,
    error_body,
)
from chatapp.api.schemas.base import camel_case
from chatapp.api.schemas.batch import BATCH_RULES
from chatapp.api.schemas.chat import NEW_CONVERSATION_ONLY
from chatapp.api.schemas.examples import ANSWER_ID, CONVERSATION_ID, PROJECT_ID, REQUEST_ID, SESSION_ID, SIGN_IN_ID
from chatapp.api.schemas.message import ANSWERS_ARE_EDITED
from chatapp.api.sign_in import USER_HEADER
from chatapp.errors import ChatAppError, StoreUnavailable, TooManyWrites

Node = dict[str, Any]
View = Callable[..., Any]

UNSAFE_METHODS = frozenset({"post", "put", "patch", "delete"})
METHODS = UNSAFE_METHODS | {"get", "head", "options"}
WAIT_STATUSES = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})

TAGS = r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'
ETAG = {"description": "Changes whenever the answer does.", "schema": {"type": "string"}}
LOCATION = {"description": "Where it can be read.", "schema": {"type": "string", "format": "uri-reference"}}
CONDITIONS: dict[str, Node] = {
    "get": {
        "in": "header",
        "name": "If-None-Match",
        "description": "The `ETag` of what the client has: 304 if that is still so.",
        "schema": {"type": "string"},
    },
    "patch": {
        "in": "header",
        "name": "If-Match",
        "description": "The `ETag` of what is to be changed: 412 if something else has changed it. `*` takes any.",
        "schema": {"type": "string", "pattern": TAGS},
        "example": "*",
    },
}
SHOWN_USER: Node = {
    "in": "header",
    "name": USER_HEADER,
    "description": "The `id` of the user whose data the client shows: 409 if somebody else is signed in by now.",
    "schema": {"type": "string"},
}
RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}

PATH_PARAMETERS = {
    "conversationId": ("A conversation's id.", CONVERSATION_ID),
    "messageId": ("A message's id.", ANSWER_ID),
    "projectId": ("A project's id.", PROJECT_ID),
    "tagName": ("A tag.", "physics"),
    "sessionId": ("A chat session's id.", SESSION_ID),
    "signInId": ("The id of a sign-in.", SIGN_IN_ID),
}
ID_CHARS = 100


def document(app: Flask) -> Node:
    """The whole document."""
    api: ChatApi = app.extensions[EXTENSION]
    content: Node = json.loads(json.dumps(api.spec.to_dict()))
    content["components"]["schemas"].pop("PaginationMetadata", None)  # of flask-smorest's own way to page
    shared: Node = {}
    views = _views(app, api)
    seconds: float = app.extensions["chatapp"].settings.answer_timeout
    for path, method, operation in _operations(content):
        view = views[path, method]
        operation["operationId"] = camel_case(view.__name__)
        operation["description"] = operation["description"].replace("{answerSeconds}", f"{seconds:g}")
        operation.setdefault("security", [{"session": []}] if NotSignedIn in failures_of(view) else [])
        if OtherUser in failures_of(view):
            operation["parameters"] = [SHOWN_USER, *operation.get("parameters", ())]
        if has_etag(view):
            _add_etag(method, operation)
        if "201" in operation["responses"]:
            operation["responses"]["201"]["headers"] = {"Location": LOCATION}
        operation["responses"] = _responses(operation["responses"], _failures(path, method, view), shared)
    content["components"]["responses"] = shared
    content["components"]["schemas"]["ChatStart"].update(NEW_CONVERSATION_ONLY)
    content["components"]["schemas"]["NewMessage"].update(ANSWERS_ARE_EDITED)
    content["components"]["schemas"]["Batch"].update(BATCH_RULES)
    content["paths"] = {_shown_path(path): _with_shown_parameters(item) for path, item in content["paths"].items()}
    return content


def document_bytes(app: Flask) -> bytes:
    """The document as it is served; made at the first call."""
    key = f"{EXTENSION}.bytes"
    if key not in app.extensions:
        app.extensions[key] = json.dumps(document(app), ensure_ascii=False).encode()
    body: bytes = app.extensions[key]
    return body


def example_of(error: ChatAppError) -> Node:
    """The body of the answer to ``error``."""
    details = {**error.details, "requestId": REQUEST_ID} if error.status == Unexpected.status else error.details
    found = error.found if isinstance(error, InvalidInput) else {"json": error.fields} if error.fields else None
    return error_body(error.status, error.reason, str(error), errors=found, details=details)


def _views(app: Flask, api: ChatApi) -> dict[tuple[str, str], View]:
    """The view of each operation, by its path and method in the document."""
    return {
        (api.flask_plugin.flaskpath2openapi(rule.rule), method.lower()): app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
    }


def _operations(content: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in content["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _failures(path: str, method: str, view: View) -> tuple[Failure, ...]:
    """What the view says, and what is true of every operation."""
    failures = (*failures_of(view), UriTooLong, HeadersTooLarge)
    if path.startswith("/api/"):
        failures = (*failures, Unexpected, StoreUnavailable)
    if method not in UNSAFE_METHODS:
        return failures
    return (*failures, CrossSite, TooManyWrites) if NotSignedIn in failures else (*failures, CrossSite)


def _add_etag(method: str, operation: Node) -> None:
    """What is true of every operation that ``tagged`` decorates."""
    operation["parameters"] = [CONDITIONS[method], *operation.get("parameters", ())]
    operation["responses"]["200"]["headers"] = {"ETag": ETAG}
    if method == "get":
        operation["responses"]["304"] = {"description": "The client has it already.", "headers": {"ETag": ETAG}}


def _responses(said: Node, failures: Iterable[Failure], shared: Node) -> Node:
    """The responses that the view says, and the errors by their statuses.

    A status with one error that is the same everywhere refers to ``shared``, and is added there.
    """
    responses = {status: response for status, response in said.items() if status != "422"}  # flask-smorest's own
    by_status: dict[int, list[Failure]] = {}
    for failure in failures:
        by_status.setdefault(failure.status, []).append(failure)
    for status, alternatives in by_status.items():
        response = _error_response(status, alternatives)
        only = alternatives[0]
        if len(alternatives) == 1 and isinstance(only, type):
            shared[only.__name__] = response
            response = {"$ref": f"#/components/responses/{only.__name__}"}
        responses[str(status)] = response
    return dict(sorted(responses.items()))


def _error_response(status: int, failures: list[Failure]) -> Node:
    errors = [failure() if isinstance(failure, type) else failure for failure in failures]
    forms = [{"$ref": f"#/components/schemas/{name}"} for name in dict.fromkeys(map(_problem_name, errors))]
    examples = {type(error).__name__: {"summary": str(error), "value": example_of(error)} for error in errors}
    response: Node = {
        "description": HTTPStatus(status).phrase,
        "content": {
            "application/json": {"schema": forms[0] if len(forms) == 1 else {"anyOf": forms}, "examples": examples}
        },
    }
    if status in WAIT_STATUSES:
        response["headers"] = {"Retry-After": RETRY_AFTER}
    return response


def _problem_name(error: ChatAppError) -> str:
    return next(schema_name(PROBLEMS[kind]) for kind in type(error).__mro__ if kind in PROBLEMS)


def _shown_path(path: str) -> str:
    """Names in paths are written like names in JSON."""
    return re.sub(r"{(\w+)}", lambda match: f"{{{camel_case(match[1])}}}", path)


def _with_shown_parameters(item: Node) -> Node:
    for parameter in item.get("parameters", ()):
        parameter["name"] = camel_case(parameter["name"])
        parameter["description"], parameter["example"] = PATH_PARAMETERS[parameter["name"]]
        parameter["schema"]["maxLength"] = ID_CHARS
    return item
