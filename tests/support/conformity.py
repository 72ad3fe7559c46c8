"""Every answer that a test gets from the application in this process agrees with the OpenAPI document."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import jsonschema_rs
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

Node = dict[str, Any]

JSON = "application/json"
EVENTS = "text/event-stream"


class ConformingClient(FlaskClient):
    """Flask's, and compares whatever is answered under ``/api`` with the document."""

    def open(self, *args: Any, **options: Any) -> TestResponse:
        response = super().open(*args, **options)
        request = response.request
        readable = request.method not in ("HEAD", "OPTIONS") and not response.content_encoding
        if request.path.startswith("/api") and readable:
            check(self.application, request.method.lower(), request.path, response)
        return response


def check(app: Flask, method: str, path: str, response: TestResponse) -> None:
    """Fails where the document does not say that ``method`` on ``path`` is answered so."""
    operation = _operation(app, method, path)
    if operation is None:  # no such path, not this method, or a route of the test
        if response.status_code >= 400:
            _any_problem().validate(response.json)
        return
    documented = operation["responses"].get(str(response.status_code))
    if documented is None and _negotiates(operation, response):
        return
    assert documented is not None, f"{method} {path}: {response.status} is not documented"
    content = _resolved(documented).get("content")
    if content is None:
        assert not response.data, (method, path, response.status)
    elif response.mimetype == JSON:
        _validator(operation["operationId"], response.status_code).validate(response.json)
    else:
        assert response.mimetype in content, (method, path, response.status, response.mimetype)


def document_of_the_code() -> Node:
    """The OpenAPI document; it needs no MongoDB."""
    from chatapp.api.openapi_document import document
    from tests.support.api import make_app

    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", connect=False) as nowhere:
        return document(make_app(nowhere["chatapp"]))


def validator(document: Node, schema: Node) -> jsonschema_rs.Validator:
    """Of ``schema``, which may refer to the document's components."""
    return jsonschema_rs.validator_for({**schema, "components": document["components"]})


def _negotiates(operation: Node, response: TestResponse) -> bool:
    """The JSON form of a turn answers as events where ``Accept`` prefers them; its prose says so."""
    return "text/event-stream" in operation.get("description", "") and response.mimetype == EVENTS


def _operation(app: Flask, method: str, path: str) -> Node | None:
    try:
        rule, _ = app.url_map.bind("localhost").match(path, method=method.upper(), return_rule=True)
    except HTTPException:
        return None
    shape = _shape(rule.rule)
    for documented, item in _document()["paths"].items():
        if _shape(documented) == shape:
            found: Node | None = item.get(method)
            return found
    return None


def _shape(path: str) -> str:
    return re.sub(r"[<{][^>}]*[>}]", "{}", path).rstrip("/")


@cache
def _document() -> Node:
    return document_of_the_code()


@cache
def _any_problem() -> jsonschema_rs.Validator:
    names = [name for name in _document()["components"]["schemas"] if name.endswith("Problem")]
    return validator(_document(), {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]})


@cache
def _validator(operation_id: str, status: int) -> jsonschema_rs.Validator:
    operations = (operation for item in _document()["paths"].values() for operation in item.values())
    operation = next(one for one in operations if isinstance(one, dict) and one.get("operationId") == operation_id)
    response = _resolved(operation["responses"][str(status)])
    return validator(_document(), response["content"][JSON]["schema"])


def _resolved(node: Node) -> Node:
    if "$ref" not in node:
        return node
    found: Any = _document()
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    target: Node = found
    return target
