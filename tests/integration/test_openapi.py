"""The OpenAPI document is complete: a client needs nothing else."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from flask.testing import FlaskClient

from chatapp.api.schemas.events import CHANGE_EVENTS, TURN_EVENTS
from chatapp.api.turn_errors import AnswerFailed
from chatapp.errors import ChatAppError
from chatapp.models.failures import FailureCode
from chatapp.models.reasons import FaultReason, Reason
from tests.support.conformity import document_of_the_code, validator

Node = dict[str, Any]
FLASKS_OWN = {"HEAD", "OPTIONS"}
SECURED: list[Node] = [{"session": []}]
METRICS: list[Node] = [{"metrics": []}, {}]


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
        assert operation["security"] in ([], SECURED, METRICS), where
        assert any(status.startswith("2") for status in operation["responses"]), where


def test_whatever_is_created_says_where_it_can_be_read(document: Node) -> None:
    creating = [operation for _, _, operation in _operations(document) if "201" in operation["responses"]]

    assert len(creating) >= 6
    for operation in creating:
        assert "Location" in operation["responses"]["201"]["headers"], operation["operationId"]


def test_what_waits_for_an_answer_says_for_how_long(document: Node) -> None:
    for name in ("message", "regenerate", "continue"):
        operation = document["paths"][f"/api/chat/{{sessionId}}/{name}"]["post"]
        assert "waits at most 600 seconds" in " ".join(operation["description"].split())
    assert "{answerSeconds}" not in json.dumps(document)


def test_every_error_has_the_one_form_and_an_example_of_it(document: Node) -> None:
    for path, method, operation in _operations(document):
        if path.startswith("/api/"):
            for status, response in operation["responses"].items():
                if status >= "400":
                    content = _resolved(document, response)["content"]["application/json"]
                    form = validator(document, content["schema"])
                    assert content["examples"], (method, path, status)
                    for example in content["examples"].values():
                        assert example["value"]["code"] == int(status), (method, path, status)
                        form.validate(example["value"])


def test_every_error_of_the_code_has_a_reason_that_the_document_lists(document: Node) -> None:
    documented = set(document["components"]["schemas"]["Reason"]["enum"])
    raised = {str(error.reason) for error in _subclasses(ChatAppError) if error is not AnswerFailed}

    assert documented == set(Reason)
    assert raised <= documented
    assert documented - raised == {"bad_request", "method_not_allowed"}, "what werkzeug refuses, or nothing any more"


def test_every_reason_of_a_fault_is_listed(document: Node) -> None:
    schemas = document["components"]["schemas"]

    assert schemas["FaultReason"]["enum"] == [str(reason) for reason in FaultReason]
    assert schemas["FailureCode"]["enum"] == [str(code) for code in FailureCode]
    assert schemas["Problem"]["properties"]["reason"] == {"$ref": "#/components/schemas/Reason"}
    assert schemas["Fault"]["properties"]["reason"] == {"$ref": "#/components/schemas/FaultReason"}
    assert schemas["AnswerFailedProblem"]["properties"]["reason"] == {"$ref": "#/components/schemas/FailureCode"}


def test_what_some_errors_have_besides_is_typed(document: Node) -> None:
    send = document["paths"]["/api/chat/{sessionId}/message"]["post"]["responses"]

    assert _forms(document, send["409"]) == {"TurnInProgressProblem", "Problem"}
    assert _forms(document, send["422"]) == {"InvalidInputProblem"}
    assert _forms(document, send["500"]) == {"AnswerFailedProblem", "UnexpectedProblem"}
    assert _forms(document, send["502"]) == _forms(document, send["504"]) == {"AnswerFailedProblem"}
    assert _forms(document, send["503"]) == {"AnswerFailedProblem", "Problem"}
    schemas = document["components"]["schemas"]
    assert schemas["TurnInProgressProblem"]["required"].count("messageId") == 1
    assert {"errors", "faults"} <= set(schemas["InvalidInputProblem"]["required"])
    assert {"error", "userMessage", "assistantMessage"} <= set(schemas["AnswerFailedProblem"]["required"])


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
    assert examples == {"403": {"NotOwner", "CrossSite"}, "503": {"Busy", "AnswerFailed", "StoreUnavailable"}}
    failed = send["502"]["content"]["application/json"]["examples"]["AnswerFailed"]["value"]
    assert failed["assistantMessage"]["error"] == failed["error"]


def test_a_body_is_required_where_a_field_of_it_is(document: Node) -> None:
    for path, method, operation in _operations(document):
        if "requestBody" in operation:
            schema = _resolved(document, operation["requestBody"]["content"]["application/json"]["schema"])
            assert operation["requestBody"]["required"] == bool(schema.get("required")), (method, path)
            assert schema["additionalProperties"] is False, (method, path)


def test_a_turn_as_json_and_as_events_are_two_operations(document: Node) -> None:
    forms = {
        operation["operationId"]: [media for status in ("200", "201") for media in _media(operation, status)]
        for path, _, operation in _operations(document)
        if "/chat/{sessionId}/" in path
    }

    assert forms["sendMessage"] == forms["regenerateAnswer"] == forms["continueAnswer"] == ["application/json"]
    assert forms["streamMessage"] == forms["streamRegeneratedAnswer"] == forms["joinAnswer"] == ["text/event-stream"]


def test_streams_are_documented_with_their_events(document: Node) -> None:
    streams = {
        operation["operationId"]: response["content"]["text/event-stream"]
        for _, _, operation in _operations(document)
        for response in operation["responses"].values()
        if "text/event-stream" in response.get("content", {})
    }

    text, events = {"type": "string"}, "#/components/schemas/"
    assert {name: content["schema"]["anyOf"] for name, content in streams.items()} == {
        "streamMessage": [text, {"$ref": f"{events}TurnEvent"}],
        "streamRegeneratedAnswer": [text, {"$ref": f"{events}TurnEvent"}],
        "streamContinuedAnswer": [text, {"$ref": f"{events}TurnEvent"}],
        "joinAnswer": [text, {"$ref": f"{events}TurnEvent"}],
        "streamChanges": [text, {"$ref": f"{events}ChangeEvent"}],
    }
    for content in streams.values():
        for example in content["examples"].values():
            validator(document, content["schema"]).validate(example["value"])
            data = _resolved(document, {"$ref": f"#/components/schemas/{_data_of(document, example['value'])}"})
            validator(document, data).validate(json.loads(example["value"]["data"]))


def test_each_event_has_a_schema_of_its_name_and_one_of_its_data(document: Node) -> None:
    schemas = document["components"]["schemas"]
    for union, events in (("TurnEvent", TURN_EVENTS), ("ChangeEvent", CHANGE_EVENTS)):
        named = [_resolved(document, reference) for reference in schemas[union]["oneOf"]]
        assert [schema["properties"]["event"]["const"] for schema in named] == list(events)
    assert {"StartEvent", "DeltaEvent", "TitleEvent", "EndEvent", "ReadyEvent", "GenerationEndedEvent"} <= set(schemas)


def test_names_make_good_methods_and_types(document: Node) -> None:
    schemas = document["components"]["schemas"]
    assert {"Role", "MessageStatus", "FinishReason", "Feedback", "Reason", "FaultReason", "FailureCode"} <= set(schemas)
    for name in schemas:
        assert re.fullmatch(r"([A-Z][a-z]+)+", name), name
        assert name not in ("Error", "Model", "Models"), name
        assert not name.endswith("Schema"), name
    for _, _, operation in _operations(document):
        assert re.fullmatch(r"[a-z]+([A-Z][a-z]+)*", operation["operationId"])


def test_whatever_may_be_left_out_of_a_request_has_no_default_but_an_example(document: Node) -> None:
    for path, method, operation in _operations(document):
        if "requestBody" in operation:
            content = operation["requestBody"]["content"]["application/json"]
            validator(document, content["schema"]).validate(content["example"])
            for name, field in _resolved(document, content["schema"])["properties"].items():
                assert "default" not in field, (method, path, name)
                assert field.keys() & {"example", "format", "anyOf"}, (method, path, name)


def test_every_header_and_query_parameter_is_declared(document: Node) -> None:
    parameters = {
        operation["operationId"]: [(one["in"], one["name"]) for one in operation.get("parameters", ())]
        for _, _, operation in _operations(document)
    }

    user, place = ("header", "Chatapp-User"), ("header", "Last-Event-ID")
    where = [("query", name) for name in ("after", "reasoningAfter", "messageId")]
    assert parameters["joinAnswer"] == [user, place, *where]
    assert parameters["streamChanges"] == [user, place, ("query", "user")]
    assert parameters["listConversations"] == [
        user,
        *(("query", name) for name in ("limit", "cursor", "archived", "tag", "projectId", "trashed")),
    ]
    assert parameters["logOut"] == [user]
    assert parameters["logIn"] == []


def test_every_schema_is_one_by_json_schema(document: Node) -> None:
    for name, schema in document["components"]["schemas"].items():
        jsonschema_rs.meta.validate({**schema, "$schema": "https://json-schema.org/draft/2020-12/schema"})
        assert schema.get("type", "union") in ("object", "string", "union"), name


def test_whoever_reads_an_answer_sees_an_example_of_every_field(document: Node) -> None:
    for name in ("User", "SignIn", "Conversation", "Generation", "Message", "Usage", "MessageError", "ChatSession"):
        for field, schema in document["components"]["schemas"][name]["properties"].items():
            says_itself = schema.keys() & {"example", "enum", "$ref", "anyOf", "allOf"} or schema["type"] == "boolean"
            assert says_itself, (name, field)


def test_every_reference_leads_somewhere(document: Node) -> None:
    for reference in _values_of("$ref", document):
        assert _resolved(document, {"$ref": reference})


def test_no_property_is_a_bare_true_or_false_which_generators_cannot_read(document: Node) -> None:
    for properties in _values_of("properties", document):
        assert all(isinstance(schema, dict) for schema in properties.values()), properties


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


def _forms(document: Node, response: Node) -> set[str]:
    """The names of the schemas that an error may have."""
    schema = _resolved(document, response)["content"]["application/json"]["schema"]
    return {form["$ref"].rpartition("/")[2] for form in schema.get("anyOf", [schema])}


def _media(operation: Node, status: str) -> list[str]:
    return list(operation["responses"].get(status, {}).get("content", {}))


def _data_of(document: Node, event: Node) -> str:
    for schema in document["components"]["schemas"].values():
        if schema.get("properties", {}).get("event", {}).get("const") == event["event"]:
            name: str = schema["properties"]["data"]["contentSchema"]["$ref"].rpartition("/")[2]
            return name
    raise LookupError(event["event"])


def _subclasses(error: type[ChatAppError]) -> Iterator[type[ChatAppError]]:
    for child in error.__subclasses__():
        yield child
        yield from _subclasses(child)


def _values_of(name: str, node: Any) -> Iterator[Any]:
    """What has this name, however deep."""
    if isinstance(node, dict) and name in node:
        yield node[name]
    if isinstance(node, dict | list):
        for inner in node.values() if isinstance(node, dict) else node:
            yield from _values_of(name, inner)


def _resolved(document: Node, node: Node) -> Node:
    if "$ref" not in node:
        return node
    found: Any = document
    for part in node["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    target: Node = found
    return target
