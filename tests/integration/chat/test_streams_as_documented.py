"""A turn as events is an operation of its own, and every event is as the OpenAPI document says."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Person
from tests.support.conformity import document_of_the_code, validator
from tests.support.fake_models import QUICK
from tests.support.sse import EventStream, SseEvent

TURN = ["start", "delta", "end"]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return document_of_the_code()


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/event-stream"])
def test_a_message_is_streamed_whatever_is_accepted(alice: Person, accept: str | None) -> None:
    events = _stream(alice, _new_chat(alice) + "/message/stream", {"content": "Hi"}, accept)

    assert [name for name in _names(events) if name != "title"] == TURN
    assert events[-1].data["assistantMessage"]["status"] == "complete"


def test_another_answer_is_streamed_by_an_operation_of_its_own(alice: Person) -> None:
    chat = _new_chat(alice)
    first = _stream(alice, f"{chat}/message/stream", {"content": "Hi"})[-1].data["assistantMessage"]

    events = _stream(alice, f"{chat}/regenerate/stream", {"messageId": first["id"]})

    assert _names(events) == TURN
    assert events[0].data["userMessage"] is None
    assert events[-1].data["assistantMessage"]["siblingIds"][0] == first["id"]


def test_a_refused_stream_is_answered_in_json(alice: Person) -> None:
    reply = alice.call("POST", _new_chat(alice) + "/message/stream", {"content": " "}, {"Accept": "text/event-stream"})

    assert reply.status == 422
    assert reply.body["faults"] == [{"field": "content", "reason": "blank"}]


def test_the_events_of_a_turn_are_as_documented(alice: Person, document: dict[str, Any]) -> None:
    events = _stream(alice, _new_chat(alice) + "/message/stream", {"content": "Hi"})

    assert {"start", "delta", "title", "end"} == set(_names(events))
    _check(document, "TurnEvent", events)


def test_the_events_about_conversations_are_as_documented(alice: Person, pair: Pair, document: dict[str, Any]) -> None:
    with alice.events() as stream:
        chat = alice.at(pair.there).start(model=QUICK)
        chat.say("Hi")
        path = f"/api/conversations/{chat.conversation_id}"
        project = "/api/projects/" + alice.ask("POST", "/api/projects/", {"name": "Physics"}, expect=201)["id"]
        alice.ask("PATCH", path, {"tags": ["sky"]})
        alice.ask("PATCH", "/api/tags/sky", {"color": "blue"})
        alice.ask("PATCH", project, {"name": "Optics"})
        alice.ask("DELETE", project, expect=204)
        alice.ask("PATCH", f"{path}/messages/{chat.history()[-1]['id']}", {"feedback": "up"})
        alice.ask("DELETE", f"{path}?permanent=true", expect=204)
        events: list[SseEvent] = []
        for event in stream:
            events.append(event)
            if event.name == "conversation.deleted":
                break

    assert {"ready", "conversation.created", "message.created", "generation.started"} < set(_names(events))
    assert {"generation.ended", "conversation.updated", "conversation.deleted"} < set(_names(events))
    assert {"project.created", "project.updated", "project.deleted", "tag.updated"} < set(_names(events))
    _check(document, "ChangeEvent", events)


def _new_chat(alice: Person) -> str:
    return f"/api/chat/{alice.start(model=QUICK).session_id}"


def _stream(alice: Person, path: str, body: dict[str, Any], accept: str | None = None) -> list[SseEvent]:
    connection, response = alice.open("POST", path, body, {"Accept": accept} if accept else {})
    with EventStream(connection, response) as stream:
        assert (response.status, response.headers.get_content_type()) == (200, "text/event-stream")
        return list(stream)


def _names(events: Iterable[SseEvent]) -> list[str]:
    return list(dict.fromkeys(event.name for event in events))


def _check(document: dict[str, Any], union: str, events: list[SseEvent]) -> None:
    one_event = validator(document, document["components"]["schemas"][union])
    for event in events:
        fields = {"event": event.name, "data": json.dumps(event.data)}
        one_event.validate(fields if event.id is None else {**fields, "id": event.id})
        name = "".join(word.capitalize() for word in event.name.split("."))
        validator(document, document["components"]["schemas"][f"{name}Data"]).validate(event.data)
