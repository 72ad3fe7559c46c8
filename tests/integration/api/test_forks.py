"""A branch that is copied into a conversation of its own."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.support.answers import body
from tests.support.conversations import CONVERSATIONS, begin, titles


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
