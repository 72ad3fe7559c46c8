"""Messages over HTTP: saving, paging, branches, feedback."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.support.answers import body


@pytest.fixture
def path(alice: FlaskClient) -> str:
    """A conversation of Alice's."""
    return f"/api/conversations/{body(alice.post('/api/conversations/'))['id']}"


def say(client: FlaskClient, path: str, content: str, **fields: Any) -> dict[str, Any]:
    answer = client.post(f"{path}/messages", json={"content": content, **fields})
    assert answer.status_code == 201, answer.text
    return dict(body(answer))


def contents(client: FlaskClient, path: str, query: str = "limit=200") -> list[str]:
    answer = client.get(f"{path}/messages?{query}")
    assert answer.status_code == 200, answer.text
    return [item["content"] for item in body(answer)["items"]]


def test_a_saved_message_follows_the_one_shown_last(alice: FlaskClient, path: str) -> None:
    first = say(alice, path, "first")
    second = say(alice, path, "second")

    assert first["parentId"] is None
    assert second["parentId"] == first["id"]
    assert second["role"] == "user"
    assert second["status"] == "complete"
    assert second.keys() == {
        *("id", "userId", "conversationId", "parentId", "role", "content", "status", "createdAt"),
    }
    assert contents(alice, path) == ["first", "second"]
    header = body(alice.get(path))
    assert header["messageCount"] == 2
    assert header["activeMessageId"] == second["id"]


@pytest.mark.parametrize(
    "content",
    ["\tkeep\r\nthis  ", "\x1b[31mred\x1b[0m", "𝒳 🧑\u200d🚀", "\u202eשלום", "e\u0301 \u2028 \ufeff", "x" * 100_000],
)
def test_content_comes_back_exactly(alice: FlaskClient, path: str, content: str) -> None:
    say(alice, path, content)

    assert contents(alice, path) == [content]


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({}, "content"),
        ({"content": ""}, "content"),
        ({"content": " \n\t"}, "content"),
        ({"content": "x" * 100_001}, "content"),
        ({"content": 5}, "content"),
        ({"content": None}, "content"),
        ({"content": "a\x00b"}, "content"),
        ({"content": "\ud800"}, "content"),
        ({"content": "x", "id": "not a uuid"}, "id"),
        ({"content": "x", "id": 7}, "id"),
        ({"content": "x", "parentId": str(uuid.uuid4())}, "parentId"),
        ({"content": "x", "parentId": "nonsense"}, "parentId"),
        ({"content": "x", "role": "system"}, "role"),
        ({"content": "x", "role": "assistant"}, "editOf"),
    ],
)
def test_a_refused_message_names_the_field_and_stores_nothing(
    alice: FlaskClient, path: str, sent: dict[str, Any], field: str
) -> None:
    answer = alice.post(f"{path}/messages", data=json.dumps(sent), content_type="application/json")

    assert answer.status_code == 422
    assert field in body(answer)["errors"]["json"]
    assert body(alice.get(path))["messageCount"] == 0


def test_the_same_message_sent_again_is_stored_once(alice: FlaskClient, path: str) -> None:
    id_ = str(uuid.uuid4())
    first = say(alice, path, "once", id=id_.upper())
    say(alice, path, "another")

    again = say(alice, path, "once", id=id_)

    assert again == first
    assert again["id"] == id_
    assert contents(alice, path) == ["once", "another"]


def test_the_same_id_for_something_else_is_refused(alice: FlaskClient, path: str) -> None:
    root = say(alice, path, "root")
    said = say(alice, path, "said")

    for other in ({"content": "other"}, {"content": "said", "parentId": None}):
        answer = alice.post(f"{path}/messages", json={"id": said["id"], **other})
        assert answer.status_code == 409
    assert say(alice, path, "said", id=said["id"], parentId=root["id"]) == said
    assert contents(alice, path) == ["root", "said"]


def test_an_id_in_capitals_is_the_same_id_everywhere(alice: FlaskClient, path: str) -> None:
    id_ = str(uuid.uuid4()).upper()
    first = say(alice, path, "first", id=id_)
    say(alice, path, "second")

    assert first["id"] == id_.lower()
    assert say(alice, path, "another second", parentId=id_)["parentId"] == first["id"]
    assert alice.patch(path, json={"activeMessageId": id_}).status_code == 200
    assert alice.patch(f"{path}/messages/{id_}", json={"feedback": "up"}).status_code == 200


def test_one_id_may_be_used_in_two_conversations(alice: FlaskClient, path: str) -> None:
    other = f"/api/conversations/{body(alice.post('/api/conversations/'))['id']}"
    id_ = str(uuid.uuid4())

    say(alice, path, "here", id=id_)
    say(alice, other, "there", id=id_)

    assert contents(alice, path) == ["here"]
    assert contents(alice, other) == ["there"]


def test_an_edit_is_a_sibling_and_either_branch_can_be_shown(alice: FlaskClient, path: str) -> None:
    first = say(alice, path, "first")
    say(alice, path, "second")
    edited = say(alice, path, "second, edited", parentId=first["id"])

    assert contents(alice, path) == ["first", "second, edited"]
    second_id = body(alice.get(f"{path}/messages"))["items"][1]["siblingIds"][0]
    assert body(alice.get(f"{path}/messages"))["items"][1]["siblingIds"] == [second_id, edited["id"]]

    assert alice.patch(path, json={"activeMessageId": second_id}).status_code == 200
    assert contents(alice, path) == ["first", "second"]
    assert "siblingIds" not in body(alice.get(f"{path}/messages"))["items"][0]


def test_choosing_a_sibling_shows_its_branch_to_the_end_written_last(alice: FlaskClient, path: str) -> None:
    first = say(alice, path, "first")
    say(alice, path, "its follower")
    said = [say(alice, path, f"follower {number}")["content"] for number in range(60)]
    anew = say(alice, path, "first, edited", parentId=None)
    say(alice, path, "another follower")
    say(alice, path, "edited follower", parentId=anew["id"])

    shown = body(alice.patch(path, json={"activeMessageId": first["id"]}))
    assert contents(alice, path) == ["first", "its follower", *said]
    assert shown["activeMessageId"] == body(alice.get(f"{path}/messages?limit=1"))["items"][0]["id"]

    alice.patch(path, json={"activeMessageId": anew["id"]})
    assert contents(alice, path) == ["first, edited", "edited follower"]


def test_the_first_message_can_be_edited_too(alice: FlaskClient, path: str) -> None:
    first = say(alice, path, "first")
    say(alice, path, "second")
    anew = say(alice, path, "first, edited", parentId=None)

    shown = body(alice.get(f"{path}/messages"))["items"]
    assert [item["content"] for item in shown] == ["first, edited"]
    assert shown[0]["siblingIds"] == anew["siblingIds"] == [first["id"], anew["id"]]


def test_pages_lead_back_to_the_first_message_whatever_is_appended(alice: FlaskClient, path: str) -> None:
    said = [str(number) for number in range(130)]
    for content in said:
        say(alice, path, content)

    seen: list[str] = []
    query = "limit=20"
    while True:
        page = body(alice.get(f"{path}/messages?{query}"))
        seen = [item["content"] for item in page["items"]] + seen
        if page["nextCursor"] is None:
            break
        say(alice, path, "later")
        query = f"limit=20&cursor={page['nextCursor']}"

    assert seen == said


def test_a_page_has_fifty_messages_unless_told(alice: FlaskClient, path: str) -> None:
    for number in range(55):
        say(alice, path, str(number))

    page = body(alice.get(f"{path}/messages"))

    assert [item["content"] for item in page["items"]] == [str(number) for number in range(5, 55)]
    assert contents(alice, path, f"cursor={page['nextCursor']}") == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "query", ["cursor=nonsense", "cursor=W10", "cursor=WzAsImEiXQ", "limit=0", "limit=201", "limit=-1", "other=1"]
)
def test_a_bad_query_is_refused_by_name(alice: FlaskClient, path: str, query: str) -> None:
    answer = alice.get(f"{path}/messages?{query}")

    assert answer.status_code == 422
    assert query.partition("=")[0] in body(answer)["errors"]["query"]


def test_a_cursor_of_another_conversation_is_refused(alice: FlaskClient, path: str) -> None:
    other = f"/api/conversations/{body(alice.post('/api/conversations/'))['id']}"
    for number in range(3):
        say(alice, path, str(number))
        say(alice, other, str(number))
    cursor = body(alice.get(f"{other}/messages?limit=1"))["nextCursor"]

    answer = alice.get(f"{path}/messages?limit=1&cursor={cursor}")

    assert answer.status_code == 422
    assert "cursor" in body(answer)["errors"]["query"]


def test_feedback_is_given_and_taken_back_in_the_window_and_in_pages(alice: FlaskClient, path: str) -> None:
    said = [say(alice, path, str(number)) for number in range(110)]

    for message in (said[0], said[-1]):
        there = f"{path}/messages/{message['id']}"
        for feedback in ("up", "down"):
            answer = alice.patch(there, json={"feedback": feedback})
            assert answer.status_code == 200
            assert body(answer) == {**message, "feedback": feedback}
        assert body(alice.patch(there, json={"feedback": None})) == message


@pytest.mark.parametrize(
    "sent",
    [
        {"starred": None},
        {"comment": "x" * 2001},
        {"feedback": "sideways"},
        {"feedback": 1},
        {"feedback": "up", "content": "x"},
    ],
)
def test_marks_that_do_not_exist_are_refused(alice: FlaskClient, path: str, sent: dict[str, Any]) -> None:
    said = say(alice, path, "said")

    assert alice.patch(f"{path}/messages/{said['id']}", json=sent).status_code == 422


def test_a_message_of_another_conversation_is_not_found_here(alice: FlaskClient, path: str) -> None:
    other = f"/api/conversations/{body(alice.post('/api/conversations/'))['id']}"
    elsewhere = say(alice, other, "elsewhere")

    for id_ in (elsewhere["id"], "nonsense"):
        assert alice.patch(f"{path}/messages/{id_}", json={"feedback": "up"}).status_code == 404
    assert alice.patch(path, json={"activeMessageId": elsewhere["id"]}).status_code == 422


def test_a_page_around_a_message_leads_on_in_both_directions(alice: FlaskClient, path: str) -> None:
    said = [say(alice, path, str(number)) for number in range(9)]
    middle = body(alice.get(f"{path}/messages?limit=3&around={said[4]['id'].upper()}"))
    assert [item["content"] for item in middle["items"]] == ["3", "4", "5"]
    assert contents(alice, path, f"limit=2&cursor={middle['previousCursor']}") == ["6", "7"]
    assert contents(alice, path, f"limit=2&cursor={middle['nextCursor']}") == ["1", "2"]
    assert alice.get(f"{path}/messages?around=unknown").status_code == 404


def test_the_tree_shows_all_branches_without_their_contents(alice: FlaskClient, path: str) -> None:
    first = say(alice, path, "first " * 100)
    second = say(alice, path, "second")
    other = say(alice, path, "other", editOf=second["id"])
    tree = body(alice.get(f"{path}/tree"))
    assert [(item["id"], item["parentId"]) for item in tree["items"]] == [
        (first["id"], None),
        (second["id"], first["id"]),
        (other["id"], first["id"]),
    ]
    assert len(tree["items"][0]["excerpt"]) == 80
    assert "content" not in tree["items"][0]
