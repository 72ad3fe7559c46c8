"""Searching by HTTP: everybody finds their own, and what is beyond bounds is refused."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.searching import Documents, index_all


def say(client: FlaskClient, content: str) -> dict[str, Any]:
    conversation = client.post("/api/conversations/", json={"title": "Harbour"}).json
    assert conversation is not None
    message = client.post(f"/api/conversations/{conversation['id']}/messages", json={"content": content}).json
    assert message is not None
    return dict(message)


def test_two_people_with_the_same_words_find_their_own(
    alice: FlaskClient, charlie: FlaskClient, database: Documents
) -> None:
    hers, others = say(alice, "the same words"), say(charlie, "the same words")

    for _ in range(2):
        for client, message in ((alice, hers), (charlie, others)):
            page = client.get("/api/search?q=same words").json
            assert page is not None
            (item,) = page["items"]
            assert (item["messageId"], item["conversationId"], page["total"]) == (
                message["id"],
                message["conversationId"],
                1,
            )
            assert item["snippet"] == "the same words"
            assert item["highlights"] == [[4, 8], [9, 14]]
        index_all(database)
    cursor = alice.get("/api/search?q=h&limit=1").json
    assert cursor is not None
    foreign = charlie.get("/api/search", query_string={"q": "h", "cursor": cursor["nextCursor"] or "x"})
    assert foreign.status_code == 422


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "required"),
        ("q=" + "a+" * 33, "too_many"),
        ("q=" + "word+" * 10_000, "too_long"),
        ("q=a&sort=oldest", "unknown_value"),
        ("q=a&cursor=nonsense", "invalid_cursor"),
        ("q=a&limit=0", "too_small"),
    ],
)
def test_what_is_beyond_bounds_is_refused_with_its_reason(alice: FlaskClient, query: str, reason: str) -> None:
    answer = alice.get(f"/api/search?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["faults"][0]["reason"] == reason


def test_clients_choose_whether_to_wait_for_the_number(alice: FlaskClient, database: Documents) -> None:
    for _ in range(2):
        say(alice, "needle")
    index_all(database)

    totals = [
        (alice.get(f"/api/search?q=needle&limit=1{count}").json or {})["total"]
        for count in ("", "&count=true", "&count=false")
    ]

    assert totals == [2, 2, None]


@pytest.mark.parametrize(
    "q", ["%", ".*", "$where", '"', '"a', "^a", "{}", "\\", "(", "[a-", "a|b", "role:", "\u200d", " "]
)
def test_special_characters_are_text(alice: FlaskClient, database: Documents, q: str) -> None:
    say(alice, "plain xyz")

    for inside in ("false", "true"):
        answer = alice.get("/api/search", query_string={"q": q, "insideWords": inside})
        assert answer.status_code == 200
        assert answer.json is not None
        assert inside == "true" or answer.json["items"] == []
        index_all(database)
