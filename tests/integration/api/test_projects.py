"""Projects over HTTP: folders of conversations."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.answers import body

PROJECTS = "/api/projects/"
CONVERSATIONS = "/api/conversations/"


def make(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(PROJECTS, json={"name": "Work", **fields})
    assert answer.status_code == 201, answer.text
    return dict(body(answer))


def begin(client: FlaskClient, **fields: Any) -> str:
    return str(body(client.post(CONVERSATIONS, json=fields))["id"])


def titles(client: FlaskClient, query: str) -> list[str]:
    return [item["title"] for item in body(client.get(f"{CONVERSATIONS}?{query}"))["items"]]


def test_a_project_is_made_read_changed_and_listed_by_name(alice: FlaskClient) -> None:
    made = make(alice, name="work", systemPrompt="Be brief.", model="m")
    make(alice, name="Home")

    assert {name: made[name] for name in ("name", "systemPrompt", "model", "conversationCount")} == {
        "name": "work",
        "systemPrompt": "Be brief.",
        "model": "m",
        "conversationCount": 0,
    }
    changed = body(alice.patch(PROJECTS + made["id"], json={"name": "Archive", "model": None}))
    assert changed == {**made, "name": "Archive", "model": None} == body(alice.get(PROJECTS + made["id"]))
    listed = body(alice.get(PROJECTS))
    assert [item["name"] for item in listed["items"]] == ["Archive", "Home"]
    assert listed["nextCursor"] is None


def test_a_project_lists_and_counts_what_is_in_it(alice: FlaskClient) -> None:
    work = make(alice)["id"]
    inside = [begin(alice, title=title, projectId=work) for title in ("archived", "trashed", "listed")]
    begin(alice, title="temporary", projectId=work, temporary=True)
    moved = begin(alice, title="moved")
    begin(alice, title="outside")
    alice.patch(CONVERSATIONS + inside[0], json={"archived": True})
    alice.delete(CONVERSATIONS + inside[1])
    assert body(alice.patch(CONVERSATIONS + moved, json={"projectId": work}))["projectId"] == work

    assert titles(alice, f"projectId={work}") == ["moved", "listed"]
    assert titles(alice, f"projectId={work}&archived=true") == ["archived"]
    assert titles(alice, f"projectId={work}&trashed=true") == ["trashed"]
    assert titles(alice, f"projectId={work}&trashed=true&archived=false") == ["trashed"]
    assert titles(alice, "projectId=none") == ["outside"]
    assert body(alice.get(PROJECTS + work))["conversationCount"] == 2
    alice.patch(CONVERSATIONS + moved, json={"projectId": None})
    assert [item["conversationCount"] for item in body(alice.get(PROJECTS))["items"]] == [1]


def test_a_project_that_is_deleted_keeps_its_conversations(alice: FlaskClient) -> None:
    work = make(alice)["id"]
    kept = [begin(alice, title=title, projectId=work) for title in ("trashed", "archived", "listed")]
    alice.delete(CONVERSATIONS + kept[0])
    alice.patch(CONVERSATIONS + kept[1], json={"archived": True})

    assert alice.delete(PROJECTS + work).status_code == 204

    assert [body(alice.get(CONVERSATIONS + one))["projectId"] for one in kept] == [None, None, None]
    assert alice.get(PROJECTS + work).status_code == alice.delete(PROJECTS + work).status_code == 404
    assert titles(alice, "projectId=none") == ["listed"]


@pytest.mark.parametrize(
    ("fields", "field", "reason"),
    [
        ({"name": " "}, "name", "blank"),
        ({"name": "x" * 101}, "name", "too_long"),
        ({"name": None}, "name", "null"),
        ({"systemPrompt": "x" * 20_001}, "systemPrompt", "too_long"),
        ({"conversationCount": 3}, "conversationCount", "unknown_field"),
    ],
)
def test_a_refused_project_is_not_stored(alice: FlaskClient, fields: dict[str, Any], field: str, reason: str) -> None:
    made = make(alice)

    for refused in (
        alice.post(PROJECTS, json={"name": "Other", **fields}),
        alice.patch(PROJECTS + made["id"], json=fields),
    ):
        assert refused.status_code == 422
        assert [(fault["field"], fault["reason"]) for fault in body(refused)["faults"]] == [(field, reason)]
    assert body(alice.get(PROJECTS))["items"] == [made]


def test_a_person_has_at_most_200_projects(alice: FlaskClient, database: Database[dict[str, Any]]) -> None:
    made = make(alice)
    stored = database["projects"].find_one() or {}
    database["projects"].insert_many([{**stored, "_id": ObjectId()} for _ in range(199)])

    refused = alice.post(PROJECTS, json={"name": "One more"})

    assert refused.status_code == 422
    assert body(refused)["faults"] == [{"field": "name", "reason": "too_many", "limit": 200}]
    assert database["projects"].count_documents({}) == 200
    assert alice.delete(PROJECTS + made["id"]).status_code == 204
    make(alice)


def test_a_conversation_is_not_put_where_nothing_is(alice: FlaskClient) -> None:
    path = CONVERSATIONS + begin(alice, title="Plans")

    for wrong in ("x", "66f1c0ffee15c0ffee15c0de"):
        for answer in (
            alice.patch(path, json={"projectId": wrong}),
            alice.post(CONVERSATIONS, json={"projectId": wrong}),
            alice.post("/api/chat/start", json={"projectId": wrong}),
        ):
            assert (answer.status_code, body(answer)["reason"]) == (404, "project_not_found")
    assert titles(alice, "") == ["Plans"]
