"""Somebody else's things are 403 on every route, unknown ones 404, and nobody signed in is 401.

The walk goes over every operation of the OpenAPI document; one without a rule here fails it, so that a new route
cannot be forgotten.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database
from werkzeug.test import TestResponse

from tests.support import answers
from tests.support.api import PASSWORD

Operation = tuple[str, str]

PUBLIC: set[Operation] = {
    ("POST", "/api/auth/register"),
    ("POST", "/api/auth/login"),
    ("POST", "/api/auth/logout"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/metrics"),
}
"""Need no sign-in, and are about nobody's things."""

OWN: set[Operation] = {
    ("GET", "/api/auth/me"),
    ("PATCH", "/api/auth/me"),
    ("POST", "/api/auth/password"),
    ("GET", "/api/auth/sessions"),
    ("DELETE", "/api/auth/sessions"),
    ("GET", "/api/conversations"),
    ("GET", "/api/events"),
    ("GET", "/api/models"),
    ("GET", "/api/starred"),
    ("GET", "/api/projects"),
    ("POST", "/api/projects"),
    ("GET", "/api/tags"),
    ("PATCH", "/api/tags/{tagName}"),
    ("DELETE", "/api/tags/{tagName}"),
    ("GET", "/api/search"),
}
"""About the caller alone: nothing in the request can name somebody else's things."""

BY_ID: dict[Operation, dict[str, Any] | None] = {
    ("DELETE", "/api/auth/sessions/{signInId}"): None,
    ("GET", "/api/conversations/{conversationId}"): None,
    ("PATCH", "/api/conversations/{conversationId}"): {"title": "Mine now"},
    ("DELETE", "/api/conversations/{conversationId}"): None,
    ("POST", "/api/conversations/{conversationId}/restore"): None,
    ("POST", "/api/conversations/{conversationId}/fork"): {"messageId": "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"},
    ("GET", "/api/conversations/{conversationId}/tree"): None,
    ("GET", "/api/conversations/{conversationId}/messages"): None,
    ("POST", "/api/conversations/{conversationId}/messages"): {"content": "Mine now"},
    ("GET", "/api/conversations/{conversationId}/messages/{messageId}"): None,
    ("PATCH", "/api/conversations/{conversationId}/messages/{messageId}"): {"feedback": "down"},
    ("GET", "/api/projects/{projectId}"): None,
    ("PATCH", "/api/projects/{projectId}"): {"name": "Mine now"},
    ("DELETE", "/api/projects/{projectId}"): None,
    ("POST", "/api/chat/{sessionId}/message"): {"content": "Mine now"},
    ("POST", "/api/chat/{sessionId}/message/stream"): {"content": "Mine now"},
    ("POST", "/api/chat/{sessionId}/regenerate"): {"messageId": "{messageId}"},
    ("POST", "/api/chat/{sessionId}/regenerate/stream"): {"messageId": "{messageId}"},
    ("POST", "/api/chat/{sessionId}/continue"): {"messageId": "{messageId}"},
    ("POST", "/api/chat/{sessionId}/continue/stream"): {"messageId": "{messageId}"},
    ("POST", "/api/chat/{sessionId}/stop"): None,
    ("GET", "/api/chat/{sessionId}/stream"): None,
    ("GET", "/api/chat/{sessionId}/history"): None,
}
"""Names somebody's thing in the path; with a body that would be taken from its owner."""

BY_BODY: dict[Operation, dict[str, Any]] = {
    ("POST", "/api/chat/start"): {"conversationId": "{conversationId}"},
    ("POST", "/api/conversations"): {"projectId": "{projectId}"},
    ("POST", "/api/conversations/batch"): {"action": "move", "ids": [], "projectId": "{projectId}"},
}
"""Names somebody's thing in the body."""

MALFORMED = ["x", "0", "g" * 24, "66f1c0ffee15c0ffee15c0d", "%00", "%F0%9F%98%80", "..%2f..", "$where", "a" * 3000]


@dataclass(frozen=True)
class Things:
    """What somebody has, by the names that paths give to it."""

    ids: dict[str, str]

    def fill(self, template: Any) -> Any:
        """``template`` with ids in place of names in braces."""
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        if isinstance(template, dict):
            return {name: self.fill(value) for name, value in template.items()}
        for name, value in self.ids.items():
            template = template.replace(f"{{{name}}}", value)
        return template


def test_every_operation_has_a_rule(anyone: FlaskClient) -> None:
    documented = set(_operations(anyone))
    ruled = PUBLIC | OWN | set(BY_ID) | set(BY_BODY)

    assert documented - ruled == set(), "say here whose things these are about"


def test_what_is_public_says_so_and_nothing_else_is(anyone: FlaskClient) -> None:
    document = _document(anyone)

    public = {
        (method, path)
        for method, path in _operations(anyone)
        if {"session": []} not in document["paths"][path][method.lower()]["security"]
    }

    assert public == PUBLIC


def test_nobody_signed_in_is_401_before_anything_else(anyone: FlaskClient, alices: Things) -> None:
    for method, path in sorted(set(_operations(anyone)) - PUBLIC):
        for body in (b"", b"{", b'{"unknown": 1}'):
            answer = anyone.open(
                alices.fill(path) + "?limit=nonsense", method=method, data=body, content_type="application/json"
            )
            assert answer.status_code == 401, (method, path, body)
            assert answer.json is not None
            assert answer.json["code"] == 401


def test_somebody_elses_things_are_403_and_stay_as_they_are(
    alice: FlaskClient, alices: Things, charlie: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    before = _all_of(alice, database)
    for (method, path), body in _present(alice, {**BY_ID, **BY_BODY}).items():
        answer = _call(charlie, method, path, alices, body)
        assert answer.status_code == 403, (method, path, answer.text)
        assert answer.json is not None
        assert answer.json["code"] == 403
        assert not set(answer.json) & {"title", "content", "items", "userId"}
    assert _all_of(alice, database) == before


def test_the_wrong_permanence_or_accept_header_lets_nobody_in(
    alice: FlaskClient, alices: Things, charlie: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    before = _all_of(alice, database)

    gone = charlie.delete(alices.fill("/api/conversations/{conversationId}?permanent=true"))
    turn = charlie.post(
        alices.fill("/api/chat/{sessionId}/message"),
        json={"content": "Mine now"},
        headers={"Accept": "text/event-stream"},
    )

    assert (gone.status_code, turn.status_code) == (403, 403)
    assert _all_of(alice, database) == before


def test_things_in_the_trash_are_still_their_owners(alice: FlaskClient, alices: Things, charlie: FlaskClient) -> None:
    alice.delete(alices.fill("/api/conversations/{conversationId}"))

    assert charlie.get(alices.fill("/api/conversations/{conversationId}")).status_code == 403
    assert charlie.post(alices.fill("/api/conversations/{conversationId}/restore")).status_code == 403


def test_a_message_of_somebody_else_is_not_found_in_ones_own_conversation(
    alice: FlaskClient, alices: Things, charlie: FlaskClient
) -> None:
    charlies = _things(charlie)
    mixed = Things({**charlies.ids, "messageId": alices.ids["messageId"]})

    feedback = _call(
        charlie, "PATCH", "/api/conversations/{conversationId}/messages/{messageId}", mixed, {"feedback": "up"}
    )
    parent = _call(
        charlie,
        "POST",
        "/api/conversations/{conversationId}/messages",
        mixed,
        {"content": "a", "parentId": "{messageId}"},
    )
    shown = _call(charlie, "PATCH", "/api/conversations/{conversationId}", mixed, {"activeMessageId": "{messageId}"})
    another = _call(charlie, "POST", "/api/chat/{sessionId}/regenerate", mixed, {"messageId": "{messageId}"})

    assert feedback.status_code == 404
    assert (parent.status_code, shown.status_code, another.status_code) == (422, 422, 422)


@pytest.mark.parametrize("what", ["unknown", "malformed"])
def test_what_does_not_exist_is_404(alice: FlaskClient, alices: Things, what: str) -> None:
    for (method, path), body in _present(alice, BY_ID).items():
        for wrong in _wrong_ids(what):
            for name in [name for name in alices.ids if f"{{{name}}}" in path]:
                answer = _call(alice, method, path, Things({**alices.ids, name: wrong}), body)
                assert answer.status_code == 404, (method, path, name, wrong, answer.text)
                assert answer.json is not None


def test_a_session_cannot_be_begun_on_what_does_not_exist(alice: FlaskClient) -> None:
    for wrong in (*_wrong_ids("unknown"), "x", "g" * 24):
        answer = alice.post("/api/chat/start", json={"conversationId": wrong})
        assert answer.status_code == 404, (wrong, answer.text)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "/api/conversations/{conversationId}"), ("POST", "/api/conversations"), ("POST", "/api/chat/start")],
)
def test_nothing_of_ones_own_can_be_put_into_a_project_of_somebody_else(
    alices: Things, charlie: FlaskClient, database: Database[dict[str, Any]], method: str, path: str
) -> None:
    charlies = _things(charlie)
    before = _all_of(charlie, database)

    answer = _call(charlie, method, path, charlies, {"projectId": alices.ids["projectId"]})

    assert answer.status_code == 403, answer.text
    assert _all_of(charlie, database) == before
    assert answers.body(charlie.get(f"/api/conversations?projectId={alices.ids['projectId']}"))["items"] == []


def test_lists_show_ones_own_only(alice: FlaskClient, alices: Things, charlie: FlaskClient) -> None:
    charlies = _things(charlie)

    conversations = charlie.get("/api/conversations/").json
    devices = charlie.get("/api/auth/sessions").json
    projects = answers.body(charlie.get("/api/projects/"))

    assert [item["id"] for item in projects["items"]] == [charlies.ids["projectId"]]
    assert conversations is not None
    assert devices is not None
    assert [item["id"] for item in conversations["items"]] == [charlies.ids["conversationId"]]
    assert [item["id"] for item in devices["items"]] == [charlies.ids["signInId"]]


def test_what_is_about_the_caller_alone_leaves_others_alone(
    alice: FlaskClient, alices: Things, charlie: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    before = _all_of(alice, database)

    charlie.patch("/api/auth/me", json={"name": "Mallory", "settings": {"theme": "dark"}})
    charlie.post("/api/auth/password", json={"currentPassword": PASSWORD, "newPassword": "another password"})
    charlie.delete("/api/auth/sessions")

    assert _all_of(alice, database) == before


def test_no_operation_acts_for_another_user_than_the_client_shows(
    alice: FlaskClient, alices: Things, charlie: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    """Two people beside each other in one browser: a tab that still shows Charlie's has Alice's cookie by now."""
    charlies = {"Chatapp-User": answers.body(charlie.get("/api/auth/me"))["id"]}
    before = _all_of(alice, database)

    for method, path in sorted(set(_operations(alice)) - PUBLIC | {("POST", "/api/auth/logout")}):
        sent = alices.fill({**BY_ID, **BY_BODY}.get((method, path)) or {})
        answer = alice.open(alices.fill(path), method=method, json=sent, headers=charlies)
        assert answer.status_code == 409, (method, path, answer.text)
        assert answers.body(answer)["reason"] == "other_user", (method, path)

    assert answers.body(alice.get(f"/api/events?user={charlies['Chatapp-User']}"))["reason"] == "other_user"
    assert _all_of(alice, database) == before


def test_a_client_that_shows_who_calls_is_answered_as_any_other(alice: FlaskClient, anyone: FlaskClient) -> None:
    own = {"Chatapp-User": answers.body(alice.get("/api/auth/me"))["id"]}

    assert alice.get("/api/conversations/", headers=own).status_code == 200
    assert anyone.get("/api/conversations/", headers=own).status_code == 401
    assert anyone.post("/api/auth/logout", headers=own).status_code == 204
    login = {"email": "alice@example.org", "password": PASSWORD}
    assert anyone.post("/api/auth/login", json=login, headers={"Chatapp-User": "somebody else"}).status_code == 200
    assert alice.post("/api/auth/logout", headers=own).status_code == 204


@pytest.fixture
def alices(alice: FlaskClient) -> Things:
    return _things(alice)


def _things(client: FlaskClient) -> Things:
    """A conversation with a message and a chat session, and the device that made them."""
    session = client.post("/api/chat/start", json={}).json
    assert session is not None
    message = client.post(f"/api/conversations/{session['conversationId']}/messages", json={"content": "Private"}).json
    devices = client.get("/api/auth/sessions").json
    project = client.post("/api/projects", json={"name": "Private"}).json
    assert message is not None
    assert devices is not None
    assert project is not None
    return Things(
        {
            "conversationId": session["conversationId"],
            "sessionId": session["sessionId"],
            "messageId": message["id"],
            "projectId": project["id"],
            "signInId": devices["items"][0]["id"],
        }
    )


def _call(client: FlaskClient, method: str, path: str, things: Things, body: dict[str, Any] | None) -> TestResponse:
    json = {"json": things.fill(body)} if body is not None else {}
    return client.open(things.fill(path), method=method, **json)


def _document(client: FlaskClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/openapi.json").json or {}
    return document


def _operations(client: FlaskClient) -> Iterator[Operation]:
    for path, item in _document(client)["paths"].items():
        for method in item.keys() - {"parameters"}:
            yield method.upper(), path


def _present(client: FlaskClient, rules: dict[Operation, Any]) -> dict[Operation, Any]:
    """The rules for operations that this version has."""
    documented = set(_operations(client))
    return {operation: rule for operation, rule in rules.items() if operation in documented}


def _wrong_ids(what: str) -> list[str]:
    return MALFORMED if what == "malformed" else ["66f1c0ffee15c0ffee15c0de", str(uuid.uuid4())]


def _all_of(client: FlaskClient, database: Database[dict[str, Any]]) -> list[Any]:
    """Everything stored about somebody."""
    account = client.get("/api/auth/me").json
    assert account is not None
    user = next(user for user in database["users"].find() if str(user["_id"]) == account["id"])
    names = sorted(name for name in database.list_collection_names() if not name.startswith("system."))
    return [user, *([*database[name].find({"userId": user["_id"]}).sort("_id", 1)] for name in names)]
