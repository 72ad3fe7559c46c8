"""The OpenAPI document as it is served: what flask-smorest makes of the code, and what is true of every operation."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from flask import Flask

from chatapp.api.openapi import EXTENSION, ChatApi, error_example
from chatapp.api.problems import CrossSite, Unexpected
from chatapp.api.schemas.base import camel_case
from chatapp.errors import ChatAppError, StoreUnavailable

UNSAFE_METHODS = frozenset({"post", "put", "patch", "delete"})
METHODS = UNSAFE_METHODS | {"get", "head", "options"}
ERROR_REF = {"$ref": "#/components/schemas/Error"}

RETRY_AFTER = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
SHARED_NAMES = frozenset({"listen", "create", "list", "read", "update", "delete"})
"""Views that several blueprints may name alike."""


PATH_PARAMETERS = {
    "conversationId": ("A conversation's id.", "66f1c0ffee15c0ffee15c0de"),
    "messageId": ("A message's id.", "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"),
    "sessionId": ("A chat session's id.", "66f1c0ffee15c0ffee15c0df"),
    "signInId": ("The id of a device's session.", "66f1c0ffee15c0ffee15c0e0"),
    "token": ("The secret part of the link.", "vJ0nV0s3k9mQw7r2Zx5u8A"),
}


def document(app: Flask) -> dict[str, Any]:
    """The whole document."""
    api: ChatApi = app.extensions[EXTENSION]
    content: dict[str, Any] = json.loads(json.dumps(api.spec.to_dict()))
    names = _operation_names(app, api)
    content["components"]["schemas"].pop("PaginationMetadata", None)  # flask-smorest's own way to page; not ours
    content["components"]["responses"] = {
        "Unexpected": _error_response(Unexpected, "Something went wrong, and was written down."),
        "StoreUnavailable": _error_response(StoreUnavailable, "MongoDB cannot be reached."),
        "CrossSite": _error_response(CrossSite, "Another site sent the request."),
    }
    for path, method, operation in _operations(content):
        operation["operationId"] = names[path, method]
        _complete(path, method, operation)
    content["paths"] = {_camel_path(path): _camel_parameters(item) for path, item in content["paths"].items()}
    return content


def _camel_path(path: str) -> str:
    return re.sub(r"{(\w+)}", lambda match: f"{{{camel_case(match[1])}}}", path)


def _camel_parameters(item: dict[str, Any]) -> dict[str, Any]:
    """Names in paths are written like names in JSON."""
    for parameter in item.get("parameters", ()):
        parameter["name"] = camel_case(parameter["name"])
        if parameter["name"] in PATH_PARAMETERS:
            parameter["description"], parameter["example"] = PATH_PARAMETERS[parameter["name"]]
    return item


def document_bytes(app: Flask) -> bytes:
    """The document as it is served; made at the first call."""
    key = f"{EXTENSION}.bytes"
    if key not in app.extensions:
        app.extensions[key] = json.dumps(document(app), ensure_ascii=False).encode()
    body: bytes = app.extensions[key]
    return body


def _operations(content: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in content["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def _complete(path: str, method: str, operation: dict[str, Any]) -> None:
    """Adds what is true of every operation, so that no view has to say it."""
    operation.setdefault("security", [])  # public, unless ``signed_in`` said otherwise
    responses = operation["responses"]
    responses.pop("default", None)
    if not path.startswith("/api/"):
        return
    _add_error(responses, Unexpected)
    _add_error(responses, StoreUnavailable)
    if method in UNSAFE_METHODS:
        _add_error(responses, CrossSite)
    for status in ("429", "503"):
        if status in responses and "$ref" not in responses[status]:
            responses[status].setdefault("headers", {})["Retry-After"] = RETRY_AFTER


def _add_error(responses: dict[str, Any], error: type[ChatAppError]) -> None:
    """Beside the errors of this status that the view itself says, where there are any."""
    own = responses.setdefault(str(error.status), {"$ref": f"#/components/responses/{error.__name__}"})
    for content in own.get("content", {}).values():
        example = {"summary": error.sentence, "value": error_example(error)}
        content.setdefault("examples", {}).setdefault(error.__name__, example)


def _error_response(error: type[ChatAppError], description: str) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": description,
        "content": {"application/json": {"schema": ERROR_REF, "example": error_example(error)}},
    }
    if error.status == StoreUnavailable.status:
        response["headers"] = {"Retry-After": RETRY_AFTER}
    return response


def _operation_names(app: Flask, api: ChatApi) -> dict[tuple[str, str], str]:
    """A name for each operation: its view's, in camelCase (``readAccount``)."""
    names: dict[tuple[str, str], str] = {}
    for rule in app.url_map.iter_rules():
        path = api.flask_plugin.flaskpath2openapi(rule.rule)
        for method in rule.methods or ():
            group, _, view = rule.endpoint.rpartition(".")
            names[path, method.lower()] = camel_case(view if view not in SHARED_NAMES else f"{view}_{group}")
    return names
