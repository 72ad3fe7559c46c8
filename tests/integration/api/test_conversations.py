"""One conversation over HTTP: beginning, reading, changing, deleting."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.answers import body
from tests.support.conversations import CONVERSATIONS, begin, titles


def test_a_new_conversation_has_every_field_of_the_contract(alice: FlaskClient) -> None:
    made = begin(alice, title="Plans", model="m", systemPrompt="Be brief.", tags=["work", "work", "2026"])

    assert {name: made[name] for name in ("title", "model", "systemPrompt", "tags")} == {
        "title": "Plans",
        "model": "m",
        "systemPrompt": "Be brief.",
        "tags": ["work", "2026"],
    }
    assert made.keys() == {
        *("id", "userId", "title", "model", "systemPrompt", "temperature", "maxTokens", "pinned", "archived", "tags"),
        *("temporary", "createdAt", "updatedAt", "trashedAt", "messageCount", "activeMessageId", "generation"),
        *("projectId", "topP", "readMessageId", "unread"),
    }
    assert made["messageCount"] == 0
    assert made["generation"] is made["activeMessageId"] is made["trashedAt"] is None
    assert body(alice.get(f"/api/conversations/{made['id']}")) == made


def test_the_body_of_a_new_conversation_may_be_left_out(alice: FlaskClient) -> None:
    answer = alice.post(CONVERSATIONS)

    assert answer.status_code == 201
    assert body(answer)["title"] == ""


def test_a_conversation_that_is_begun_twice_with_one_key_is_one(alice: FlaskClient, bob: FlaskClient) -> None:
    key = "0B9F7F0A-5d0c-4a5e-9a0e-3f6f2d7a1c11"
    made = begin(alice, title="Plans", idempotencyKey=key)

    assert begin(alice, title="Other plans", idempotencyKey=key.lower()) == made
    session = alice.post("/api/chat/start", json={"idempotencyKey": key})
    assert session.status_code == 201
    assert body(session)["conversationId"] == made["id"]
    assert titles(alice) == ["Plans"]
    assert begin(bob, title="Bob's", idempotencyKey=key)["id"] != made["id"]
    alice.delete(f"/api/conversations/{made['id']}?permanent=true")
    assert alice.post(CONVERSATIONS, json={"idempotencyKey": key}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "x" * 201),
        ("title", "  "),
        ("title", "a\nb"),
        ("title", 5),
        ("title", None),
        ("systemPrompt", "x" * 20_001),
        ("systemPrompt", "\x00"),
        ("model", "x" * 201),
        ("tags", ["x"] * 5 + [f"t{n}" for n in range(20)]),
        ("tags", ["x" * 51]),
        ("tags", [""]),
        ("tags", "work"),
        ("tags", {"work": 1}),
        ("temporary", "yes"),
        ("idempotencyKey", "mine"),
        ("idempotencyKey", 5),
        ("unknown", 1),
    ],
)
def test_a_refused_field_is_named_and_nothing_is_stored(alice: FlaskClient, field: str, value: Any) -> None:
    answer = alice.post(CONVERSATIONS, json={field: value})

    assert answer.status_code == 422
    assert field in body(answer)["errors"]["json"]
    assert titles(alice) == []


def test_text_comes_back_exactly(alice: FlaskClient) -> None:
    prompt = "\u202eright-to-left שלום\r\n\t𝒳 🧑\u200d🚀 e\u0301"

    made = begin(alice, title="🚀 שלום", systemPrompt=prompt)

    assert made["title"] == "🚀 שלום"
    assert made["systemPrompt"] == prompt


def test_settings_of_a_conversation_can_be_changed_and_taken_back(alice: FlaskClient) -> None:
    path = f"/api/conversations/{begin(alice)['id']}"
    settings = {"model": "m", "systemPrompt": "p", "temperature": 0.5, "topP": 0.9, "maxTokens": 100, "archived": True}

    changed = body(alice.patch(path, json=settings))
    assert {name: changed[name] for name in settings} == settings

    nothing = dict.fromkeys(("model", "systemPrompt", "temperature", "topP", "maxTokens"))
    changed = body(alice.patch(path, json=nothing))
    assert {name: changed[name] for name in nothing} == nothing


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", 2.1),
        ("topP", 1.1),
        ("temporary", True),
        ("temperature", "1"),
        ("maxTokens", 0),
        ("maxTokens", 1_000_001),
        ("maxTokens", 1.5),
        ("pinned", 1),
        ("pinned", None),
        ("title", ""),
        ("activeMessageId", "not-a-message"),
        ("activeMessageId", None),
        ("messageCount", 3),
        ("userId", "x"),
    ],
)
def test_a_refused_change_changes_nothing(alice: FlaskClient, field: str, value: Any) -> None:
    made = begin(alice, title="as it was")
    path = f"/api/conversations/{made['id']}"

    answer = alice.patch(path, json={"archived": True, field: value})

    assert answer.status_code == 422
    assert field in body(answer)["errors"]["json"]
    assert body(alice.get(path)) == made


def test_the_trash_can_be_read_but_not_written(alice: FlaskClient) -> None:
    made = begin(alice, title="kept")
    path = f"/api/conversations/{made['id']}"
    said = body(alice.post(f"{path}/messages", json={"content": "before"}))

    assert alice.delete(path).status_code == 204
    assert alice.delete(path).status_code == 204

    assert body(alice.get(path))["trashedAt"] is not None
    assert [item["content"] for item in body(alice.get(f"{path}/messages"))["items"]] == ["before"]
    for change in ({"title": "changed"}, {"activeMessageId": said["id"]}, {"activeMessageId": "nonsense"}, {}):
        assert alice.patch(path, json=change).status_code == 409, change
    assert alice.post(f"{path}/messages", json={"content": "after"}).status_code == 409
    assert alice.patch(f"{path}/messages/{said['id']}", json={"feedback": "up"}).status_code == 409

    restored = alice.post(f"{path}/restore")
    assert restored.status_code == 200
    assert body(restored)["trashedAt"] is None
    assert body(restored)["title"] == "kept"
    assert alice.post(f"{path}/messages", json={"content": "after"}).status_code == 201


def test_deleted_for_good_is_gone(alice: FlaskClient, bob: FlaskClient) -> None:
    path = f"/api/conversations/{begin(alice)['id']}"

    assert alice.delete(f"{path}?permanent=true").status_code == 204

    for client in (alice, bob):
        assert client.get(path).status_code == 404
        assert client.get(f"{path}/messages").status_code == 404
        assert client.post(f"{path}/messages", json={"content": "x"}).status_code == 404
        assert client.patch(path, json={"title": "x"}).status_code == 404
        assert client.post(f"{path}/restore").status_code == 404
        assert client.delete(path).status_code == 404
        assert client.delete(f"{path}?permanent=true").status_code == 404


def test_somebody_elses_conversation_is_refused_and_untouched(alice: FlaskClient, bob: FlaskClient) -> None:
    made = begin(alice, title="hers")
    path = f"/api/conversations/{made['id']}"
    said = body(alice.post(f"{path}/messages", json={"content": "hers"}))
    before = body(alice.get(path))

    for answer in (
        bob.get(path),
        bob.patch(path, json={"title": "his"}),
        bob.patch(path, json={}),
        bob.delete(path),
        bob.delete(f"{path}?permanent=true"),
        bob.post(f"{path}/restore"),
        bob.get(f"{path}/messages"),
        bob.post(f"{path}/messages", json={"content": "his", "id": said["id"]}),
        bob.patch(f"{path}/messages/{said['id']}", json={"feedback": "down"}),
    ):
        assert answer.status_code == 403, answer.request.path

    assert body(alice.get(path)) == before
    assert titles(bob) == []


@pytest.mark.parametrize("id_", ["66f1c0ffee15c0ffee15c0de", "nonsense", "x" * 24, "0" * 5000])
def test_an_unknown_id_is_not_found(alice: FlaskClient, id_: str) -> None:
    assert alice.get(f"/api/conversations/{id_}").status_code == 404
    assert alice.delete(f"/api/conversations/{id_}?permanent=true").status_code == 404
    assert alice.post(f"/api/conversations/{id_}/messages", json={"content": "x"}).status_code == 404


def test_a_temporary_conversation_that_is_kept_is_an_ordinary_one(alice: FlaskClient) -> None:
    made = begin(alice, title="Passing", temporary=True)
    path = f"{CONVERSATIONS}{made['id']}"
    assert titles(alice) == []

    assert not body(alice.patch(path, json={"temporary": False}))["temporary"]
    assert titles(alice) == ["Passing"]
    refused = alice.patch(path, json={"temporary": True})
    assert (refused.status_code, body(refused)["faults"]) == (
        422,
        [{"field": "temporary", "reason": "unknown_value"}],
    )
    assert not body(alice.get(path))["temporary"]
