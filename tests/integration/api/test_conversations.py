"""Conversations over HTTP: beginning, reading, listing, changing, deleting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.answers import body

CONVERSATIONS = "/api/conversations/"


def begin(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(CONVERSATIONS, json=fields)
    assert answer.status_code == 201, answer.text
    return dict(body(answer))


def titles(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"{CONVERSATIONS}?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in body(answer)["items"]]


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


def test_lists_show_pinned_first_then_newest_activity(alice: FlaskClient) -> None:
    made = {title: begin(alice, title=title) for title in ("one", "two", "three")}
    alice.patch(f"/api/conversations/{made['one']['id']}", json={"pinned": True})
    alice.post(f"/api/conversations/{made['two']['id']}/messages", json={"content": "activity"})

    assert titles(alice) == ["one", "two", "three"]


def test_pinning_and_renaming_are_not_activity(alice: FlaskClient) -> None:
    made = begin(alice, title="old")

    changed = body(alice.patch(f"/api/conversations/{made['id']}", json={"title": "new", "pinned": True}))

    assert changed == {**made, "title": "new", "pinned": True}


def test_pages_neither_skip_nor_repeat_while_rows_come_and_go(
    alice: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    made = [begin(alice, title=f"{number:02}") for number in range(12)]
    for one in made[::4]:
        alice.patch(f"/api/conversations/{one['id']}", json={"pinned": True})
    some = {"title": {"$in": ["05", "06", "07", "08"]}}
    database["conversations"].update_many(some, {"$set": {"updatedAt": datetime(2026, 1, 31, tzinfo=UTC)}})
    expected = titles(alice)

    seen: list[str] = []
    cursor = ""
    while True:
        page = body(alice.get(f"{CONVERSATIONS}?limit=2{cursor}"))
        seen += [item["title"] for item in page["items"]]
        if page["nextCursor"] is None:
            break
        begin(alice, title="newer than the cursor")
        alice.delete(f"/api/conversations/{page['items'][-1]['id']}?permanent=true")
        cursor = f"&cursor={page['nextCursor']}"

    assert [title for title in seen if title != "newer than the cursor"] == expected


def test_a_cursor_belongs_to_the_filter_that_it_was_given_for(alice: FlaskClient, bob: FlaskClient) -> None:
    for change in ({}, {"archived": True}):
        for _ in range(2):
            alice.patch(f"{CONVERSATIONS}{begin(alice, tags=['work'])['id']}", json=change)
    for _ in range(2):
        alice.delete(f"{CONVERSATIONS}{begin(alice, tags=['work'])['id']}")
    filters = ["", "tag=work", "archived=true", "trashed=true", "archived=true&tag=work", "trashed=true&tag=work"]
    cursors = {query: body(alice.get(f"{CONVERSATIONS}?limit=1&{query}"))["nextCursor"] for query in filters}
    assert None not in cursors.values()

    for made_for, cursor in cursors.items():
        for query in filters:
            answer = alice.get(f"{CONVERSATIONS}?limit=1&cursor={cursor}&{query}")
            assert answer.status_code == (200 if query == made_for else 422), (made_for, query)
        assert alice.get(f"{CONVERSATIONS}?limit=7&cursor={cursor}&{made_for}").status_code == 200
    assert alice.get(f"{CONVERSATIONS}?cursor={cursors['']}&archived=false&trashed=false").status_code == 200
    assert bob.get(f"{CONVERSATIONS}?cursor={cursors['']}").status_code == 422


@pytest.mark.parametrize("query", ["cursor=nonsense", "cursor=W10", "limit=0", "limit=201", "limit=x", "archived=1"])
def test_a_bad_query_is_refused_by_name(alice: FlaskClient, query: str) -> None:
    answer = alice.get(f"{CONVERSATIONS}?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in body(answer)["errors"]["query"]


def test_archived_tagged_and_trashed_have_lists_of_their_own(alice: FlaskClient) -> None:
    begin(alice, title="plain")
    archived, tagged, trashed = (begin(alice, title=name) for name in ("archived", "tagged", "trashed"))
    alice.patch(f"/api/conversations/{archived['id']}", json={"archived": True})
    alice.patch(f"/api/conversations/{tagged['id']}", json={"tags": ["work"]})
    alice.delete(f"/api/conversations/{trashed['id']}")

    assert titles(alice) == ["tagged", "plain"]
    assert titles(alice, "archived=false") == ["tagged", "plain"]
    assert titles(alice, "archived=true") == ["archived"]
    assert titles(alice, "tag=work") == ["tagged"]
    assert titles(alice, "trashed=true") == ["trashed"]


def test_a_temporary_conversation_is_in_no_list(alice: FlaskClient) -> None:
    made = begin(alice, title="passing", temporary=True)

    assert titles(alice) == []
    assert body(alice.get(f"/api/conversations/{made['id']}"))["temporary"] is True


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


def test_a_branch_is_forked_into_a_conversation_of_its_own_once(alice: FlaskClient) -> None:
    tea = begin(alice, title="Tea", systemPrompt="Be brief.", tags=["drinks"])
    said = body(alice.post(f"{CONVERSATIONS}{tea['id']}/messages", json={"content": "Warm?"}))
    wanted = {"messageId": said["id"], "idempotencyKey": "5c1d6a52-9d2f-4d5f-8d35-0c8f8e0a7b10"}

    first, again = (alice.post(f"{CONVERSATIONS}{tea['id']}/fork", json=wanted) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    made = body(first)
    assert body(again)["id"] == made["id"] != tea["id"]
    assert [made[name] for name in ("title", "systemPrompt", "tags", "messageCount")] == [
        "Tea",
        "Be brief.",
        ["drinks"],
        1,
    ]
    [copied] = body(alice.get(f"{CONVERSATIONS}{made['id']}/messages"))["items"]
    assert (copied["content"], copied["id"] != said["id"]) == ("Warm?", True)


def test_a_key_that_was_used_for_a_fork_of_another_message_makes_no_second_conversation(alice: FlaskClient) -> None:
    path = f"{CONVERSATIONS}{begin(alice, title='Tea')['id']}"
    said = [body(alice.post(f"{path}/messages", json={"content": text}))["id"] for text in ("Warm?", "Cold?")]
    key = {"idempotencyKey": "5c1d6a52-9d2f-4d5f-8d35-0c8f8e0a7b10"}
    alice.post(f"{path}/fork", json={"messageId": said[0], **key})

    refused = alice.post(f"{path}/fork", json={"messageId": said[1], **key})

    assert (refused.status_code, body(refused)["reason"]) == (409, "key_taken")
    assert titles(alice) == ["Tea", "Tea"]
    assert alice.post(f"{path}/fork", json={"messageId": said[0], **key}).status_code == 201
    assert titles(alice) == ["Tea", "Tea"]


def test_a_fork_of_a_message_that_is_not_there_is_refused_and_makes_nothing(alice: FlaskClient) -> None:
    tea = begin(alice, title="Tea")
    unknown = "5c1d6a52-9d2f-4d5f-8d35-0c8f8e0a7b10"
    refused = alice.post(f"{CONVERSATIONS}{tea['id']}/fork", json={"messageId": unknown})
    assert refused.status_code == 422
    assert body(refused)["faults"][0]["reason"] == "not_in_conversation"
    assert titles(alice) == ["Tea"]
