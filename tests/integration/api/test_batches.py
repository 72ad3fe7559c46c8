"""Many conversations at once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.services import batch_service
from tests.support.answers import body

CONVERSATIONS = "/api/conversations/"
NOWHERE = "66f1c0ffee15c0ffee15c0de"


def begin(client: FlaskClient, **fields: Any) -> str:
    return str(body(client.post(CONVERSATIONS, json=fields))["id"])


def read(client: FlaskClient, conversation_id: str) -> dict[str, Any]:
    return dict(body(client.get(CONVERSATIONS + conversation_id)))


def change(client: FlaskClient, action: str, ids: list[str] | None = None, **fields: Any) -> dict[str, Any]:
    which = {"all": True} if ids is None else {"ids": ids}
    answer = client.post(f"{CONVERSATIONS}batch", json={"action": action, **which, **fields})
    assert answer.status_code == 200, answer.text
    return dict(body(answer))


def test_each_change_can_be_made_and_taken_back(alice: FlaskClient) -> None:
    work = body(alice.post("/api/projects/", json={"name": "Work"}))["id"]
    ids = [begin(alice, tags=["a"]) for _ in range(3)]

    for action, field, value, back, before in (
        ({"action": "archive"}, "archived", True, {"action": "unarchive"}, False),
        ({"action": "tag", "tag": "b"}, "tags", ["a", "b"], {"action": "untag", "tag": "b"}, ["a"]),
        ({"action": "move", "projectId": work}, "projectId", work, {"action": "move", "projectId": None}, None),
    ):
        assert change(alice, ids=ids[:2], **action) == {"done": ids[:2], "failed": [], "more": False}
        assert [read(alice, one)[field] for one in ids] == [value, value, before]
        change(alice, ids=ids[:2], **back)
        assert [read(alice, one)[field] for one in ids] == [before] * 3
    change(alice, "trash", ids[:2])
    assert [bool(read(alice, one)["trashedAt"]) for one in ids] == [True, True, False]
    change(alice, "restore", ids[:2])
    assert [read(alice, one)["trashedAt"] for one in ids] == [None] * 3
    change(alice, "delete", ids[:2])
    assert [alice.get(CONVERSATIONS + one).status_code for one in ids] == [404, 404, 200]


def test_what_cannot_be_changed_is_told_and_keeps_nothing_else_from_it(alice: FlaskClient, bob: FlaskClient) -> None:
    first, trashed, full, last = (begin(alice) for _ in range(4))
    bobs = begin(bob)
    alice.delete(CONVERSATIONS + trashed)
    alice.patch(CONVERSATIONS + full, json={"tags": [str(number) for number in range(20)]})

    result = change(alice, "tag", [first, trashed, bobs, NOWHERE, "x", full, last, last], tag="work")

    assert result["done"] == [first, last]
    assert result["failed"] == [
        {"id": trashed, "reason": "conversation_in_trash"},
        {"id": bobs, "reason": "not_owner"},
        {"id": NOWHERE, "reason": "conversation_not_found"},
        {"id": "x", "reason": "conversation_not_found"},
        {"id": full, "reason": "invalid_input"},
    ]
    assert read(bob, bobs)["tags"] == []
    for action in ("archive", "trash", "restore", "delete"):
        assert change(alice, action, [bobs])["failed"] == [{"id": bobs, "reason": "not_owner"}]
    assert (read(bob, bobs)["archived"], read(bob, bobs)["trashedAt"]) == (False, None)


def test_the_trash_is_emptied_and_nothing_else_is_touched(alice: FlaskClient, bob: FlaskClient) -> None:
    kept, trashed, temporary = begin(alice), begin(alice), begin(alice, temporary=True)
    bobs = begin(bob)
    alice.delete(CONVERSATIONS + trashed)
    bob.delete(CONVERSATIONS + bobs)

    assert change(alice, "delete", trashed=True) == {"done": [trashed], "failed": [], "more": False}
    assert [alice.get(CONVERSATIONS + one).status_code for one in (kept, trashed, temporary)] == [200, 404, 200]
    assert read(bob, bobs)["trashedAt"]


@pytest.mark.parametrize(
    ("action", "fields"),
    [
        ("archive", {}),
        ("unarchive", {}),
        ("trash", {}),
        ("restore", {}),
        ("delete", {}),
        ("delete", {"trashed": True}),
        ("tag", {"tag": "b"}),
        ("untag", {"tag": "a"}),
        ("move", {"projectId": None}),
        ("move", {"projectId": "{home}"}),
    ],
)
def test_all_is_done_in_parts_and_comes_to_an_end(
    alice: FlaskClient, bob: FlaskClient, monkeypatch: pytest.MonkeyPatch, action: str, fields: dict[str, Any]
) -> None:
    monkeypatch.setattr(batch_service, "MOST_AT_ONCE", 2)
    work, home = (body(alice.post("/api/projects/", json={"name": name}))["id"] for name in ("Work", "Home"))
    fields = {name: home if value == "{home}" else value for name, value in fields.items()}
    own = {begin(alice, tags=["a"], projectId=work) for _ in range(6)}
    for archived in sorted(own)[:3]:
        alice.patch(CONVERSATIONS + archived, json={"archived": True})
    for trashed in sorted(own)[2:5]:
        alice.delete(CONVERSATIONS + trashed)
    begin(bob, tags=["a"])

    done: list[str] = []
    for _ in range(4):
        part = change(alice, action, **fields)
        assert len(part["done"]) <= 2
        assert part["failed"] == []
        done += part["done"]
        if not part["more"]:
            break

    assert len(done) == len(set(done)) == {"delete": 3 if fields else 6, "archive": 1, "unarchive": 2}.get(action, 3)
    assert set(done) <= own
    assert change(alice, action, **fields) == {"done": [], "failed": [], "more": False}


@pytest.mark.parametrize(
    ("sent", "field", "reason"),
    [
        ({"action": "archive"}, "ids", "required"),
        ({"action": "archive", "all": False}, "ids", "required"),
        ({"action": "archive", "all": True, "ids": [NOWHERE]}, "ids", "duplicate"),
        ({"action": "archive", "ids": [str(number) for number in range(501)]}, "ids", "too_many"),
        ({"action": "archive", "ids": [str(number) for number in range(10_000)]}, "", "too_many"),
        ({"action": "archive", "ids": NOWHERE}, "ids", "wrong_type"),
        ({"action": "explode", "all": True}, "action", "unknown_value"),
        ({"action": "tag", "all": True}, "tag", "required"),
        ({"action": "tag", "all": True, "tag": "x" * 10_000}, "tag", "too_long"),
        ({"action": "move", "all": True}, "projectId", "required"),
    ],
)
def test_a_refused_batch_changes_nothing(alice: FlaskClient, sent: dict[str, Any], field: str, reason: str) -> None:
    kept = begin(alice)
    before = read(alice, kept)

    refused = alice.post(f"{CONVERSATIONS}batch", json=sent)

    assert refused.status_code == 422
    assert [(fault["field"], fault["reason"]) for fault in body(refused)["faults"]] == [(field, reason)]
    assert read(alice, kept) == before


def test_nothing_is_moved_to_a_project_of_somebody_else(alice: FlaskClient, bob: FlaskClient) -> None:
    kept = begin(alice)
    bobs = body(bob.post("/api/projects/", json={"name": "Bob's"}))["id"]

    for project_id, status, reason in ((bobs, 403, "not_owner"), (NOWHERE, 404, "project_not_found")):
        sent = {"action": "move", "ids": [kept], "projectId": project_id}
        refused = alice.post(f"{CONVERSATIONS}batch", json=sent)
        assert (refused.status_code, body(refused)["reason"]) == (status, reason)
    assert read(alice, kept)["projectId"] is None


def test_what_is_deleted_for_good_is_gone_from_every_collection(
    alice: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    project = body(alice.post("/api/projects/", json={"name": "Work"}))["id"]
    session = body(alice.post("/api/chat/start", json={"projectId": project}))
    id_ = session["conversationId"]
    alice.patch(CONVERSATIONS + id_, json={"tags": ["a"]})
    for number in range(120):
        alice.post(f"{CONVERSATIONS}{id_}/messages", json={"content": f"private {number}"})

    change(alice, "delete", [id_])
    database["conversations"].update_many(
        {"purgedAt": {"$exists": True}}, {"$set": {"purgedAt": utc_now() - timedelta(days=2)}}
    )
    assert ConversationRepository(database).housekeeping() == 1

    for name in database.list_collection_names(filter={"type": "collection"}):
        if not name.startswith("system."):
            assert not [one for one in database[name].find() if id_ in str(one) or "private" in str(one)], name
