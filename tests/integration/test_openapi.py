"""The OpenAPI document is complete: a client needs nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.api import document_of_the_code

Node = dict[str, Any]
FLASKS_OWN = {"HEAD", "OPTIONS"}
SECURED: list[Node] = [{"session": []}]


@pytest.fixture(scope="module")
def document() -> Node:
    return document_of_the_code()


def test_what_is_served_is_made_from_the_code(anyone: FlaskClient, document: Node) -> None:
    assert anyone.get("/openapi.json").json == document


def test_it_is_openapi_3_1_and_names_the_cookie(document: Node) -> None:
    assert document["openapi"] == "3.1.0"
    assert (
        document["components"]["securitySchemes"]["session"].items()
        >= {
            "type": "apiKey",
            "in": "cookie",
            "name": "chatapp_session",
        }.items()
    )


def test_every_route_under_api_is_documented(app: Flask, document: Node) -> None:
    documented = {(method.upper(), path) for path, method, _ in _operations(document)}
    counted = Counter(path for _, path in documented)

    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/api"):
            shape = [part for part in rule.rule.split("/") if not part.startswith("<")]
            same = [path for path in counted if [part for part in path.split("/") if not part.startswith("{")] == shape]
            for method in (rule.methods or set()) - FLASKS_OWN:
                assert any((method, path) in documented for path in same), (method, rule.rule)


def test_every_operation_says_what_it_is_and_who_may_call_it(document: Node) -> None:
    names = Counter(operation["operationId"] for _, _, operation in _operations(document))

    for path, method, operation in _operations(document):
        where = f"{method} {path}"
        assert names[operation["operationId"]] == 1, where
        assert operation["summary"].endswith("."), where
        assert operation["tags"], where
        assert operation["security"] in ([], SECURED), where
        assert any(status.startswith("2") for status in operation["responses"]), where


def test_every_error_has_the_one_form_and_an_example_of_it(document: Node) -> None:
    form = {**document["components"]["schemas"]["Error"], "components": document["components"]}
    for path, method, operation in _operations(document):
        if path.startswith("/api/"):
            for status, response in operation["responses"].items():
                if status >= "400":
                    for example in _examples(document, response):
                        assert example["code"] == int(status), (method, path, status)
                        jsonschema_rs.validate(form, example)


def test_what_every_operation_may_answer_is_documented(document: Node) -> None:
    for path, method, operation in _operations(document):
        if not path.startswith("/api/"):
            continue
        documented = set(operation["responses"])
        assert {"500", "503"} <= documented, (method, path)
        if operation["security"]:
            assert "401" in documented, (method, path)
        if method != "get":
            assert "403" in documented, (method, path)
        if "requestBody" in operation:
            assert {"400", "413", "415", "422"} <= documented, (method, path)
        if "{" in path:
            assert {"403", "404"} <= documented, (method, path)


def test_an_error_that_every_operation_may_answer_stands_beside_its_own(document: Node) -> None:
    send = document["paths"]["/api/chat/{sessionId}/message"]["post"]["responses"]
    examples = {status: set(send[status]["content"]["application/json"]["examples"]) for status in ("403", "503")}
    assert examples == {"403": {"NotOwner", "CrossSite"}, "503": {"Busy", "ProviderBusy", "StoreUnavailable"}}
    failed = send["502"]["content"]["application/json"]["examples"]["AnswerFailed"]["value"]
    assert failed["assistantMessage"]["error"] == failed["error"]


def test_a_body_is_required_where_a_field_of_it_is(document: Node) -> None:
    for path, method, operation in _operations(document):
        if "requestBody" in operation:
            schema = _resolved(document, operation["requestBody"]["content"]["application/json"]["schema"])
            assert operation["requestBody"]["required"] == bool(schema.get("required")), (method, path)
            assert schema["additionalProperties"] is False, (method, path)


def test_streams_are_documented_with_their_events(document: Node) -> None:
    streams = {
        path
        for path, _, operation in _operations(document)
        for response in operation["responses"].values()
        if "text/event-stream" in response.get("content", {})
        and response["content"]["text/event-stream"]["example"].startswith("event: ")
    }

    assert streams >= {"/api/chat/{sessionId}/message", "/api/chat/{sessionId}/stream", "/api/events"}


def test_every_schema_is_one_by_json_schema(document: Node) -> None:
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"})
        assert schema["type"] == "object", name


def test_whoever_reads_an_answer_sees_an_example_of_every_field(document: Node) -> None:
    for name in ("User", "SignIn", "Conversation", "Generation", "Message", "Usage", "MessageError", "ChatSession"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            says_itself = schema.keys() & {"example", "enum", "$ref", "anyOf", "allOf"} or schema["type"] == "boolean"
            assert says_itself, (name, field)


def test_every_reference_leads_somewhere(document: Node) -> None:
    for reference in _references(document):
        assert _resolved(document, {"$ref": reference})


def test_names_in_paths_and_fields_are_camel_case(document: Node) -> None:
    for path in document["paths"]:
        assert "_" not in path
    for name, schema in document["components"]["schemas"].items():
        assert not [field for field in schema.get("properties", {}) if "_" in field], name


def _operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield path, method, operation


def _examples(document: Node, response: Node) -> list[Node]:
    content = _resolved(document, response)["content"]["application/json"]
    examples = [one["value"] for one in content.get("examples", {}).values()]
    found: list[Node] = examples or [content["example"]]
    return found


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for inner in node.values():
            yield from _references(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _references(inner)


def _resolved(document: Node, node: Node) -> Node:
    if "$ref" not in node:
        return node
    found: Any = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    target: Node = found
    return target
