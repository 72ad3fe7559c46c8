"""What ``PATCH`` changes has an ``ETag``, and ``If-Match`` keeps two clients from undoing each other's changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain, pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.answers import body
from tests.support.api import sign_in

Change = Callable[[], object]


@pytest.fixture
def conversation(alice: FlaskClient) -> str:
    """The path of a conversation of Alice's."""
    return f"/api/conversations/{body(alice.post('/api/conversations/', json={'title': 'Plans'}))['id']}"


@pytest.fixture
def message(alice: FlaskClient, conversation: str) -> str:
    """The path of a message in it."""
    said = alice.post(f"{conversation}/messages", json={"content": "hello"})
    return f"{conversation}/messages/{body(said)['id']}"


@pytest.fixture
def project(alice: FlaskClient) -> str:
    """The path of a project of Alice's."""
    return f"/api/projects/{body(alice.post('/api/projects/', json={'name': 'Work'}))['id']}"


@pytest.fixture(params=["conversation", "message", "project", "account"])
def thing(request: pytest.FixtureRequest, alice: FlaskClient) -> tuple[str, dict[str, Any], dict[str, Any]]:
    """A path, and two changes to what is there."""
    if request.param == "account":
        return "/api/auth/me", {"name": "Alice L."}, {"settings": {"theme": "dark"}}
    path: str = request.getfixturevalue(request.param)
    if request.param == "project":
        return path, {"name": "Other work"}, {"systemPrompt": "Be brief."}
    if request.param == "message":
        return path, {"feedback": "up"}, {"feedback": "down"}
    return path, {"title": "Other plans"}, {"tags": ["work"]}


def tag(client: FlaskClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.headers["ETag"]


def test_reading_and_changing_say_the_same_tag(alice: FlaskClient, thing: tuple[str, Any, Any]) -> None:
    path, change, _ = thing
    before = tag(alice, path)

    changed = alice.patch(path, json=change)

    assert changed.headers["ETag"] == tag(alice, path) != before
    assert before.startswith('"'), "strong: If-Match takes no other"


def test_a_change_of_what_was_read_is_made_and_a_second_one_is_412(
    alice: FlaskClient, thing: tuple[str, Any, Any]
) -> None:
    path, first, second = thing
    read = {"If-Match": tag(alice, path)}

    assert alice.patch(path, json=first, headers=read).status_code == 200
    after_first = body(alice.get(path))
    refused = alice.patch(path, json=second, headers=read)

    assert refused.status_code == 412
    assert body(refused)["reason"] == "precondition_failed"
    assert body(alice.get(path)) == after_first
    assert alice.patch(path, json=second, headers={"If-Match": tag(alice, path)}).status_code == 200


@pytest.mark.parametrize(
    ("written", "status"),
    [
        ("*", 200),
        (" * ", 200),
        ("{tag}", 200),
        ('"other", {tag}', 200),
        (', {tag} ,\t"other",', 200),
        ('"other"', 412),
        ("W/{tag}", 412),
        ('""', 412),
        ("other", 400),
        ("", 400),
        ("{tag} {tag}", 400),
        ('{tag}, "unfinished', 400),
        ("*, {tag}", 400),
    ],
)
def test_if_match_is_read_as_the_standard_says(
    alice: FlaskClient, thing: tuple[str, Any, Any], written: str, status: int
) -> None:
    path, change, _ = thing
    before = body(alice.get(path))

    answer = alice.patch(path, json=change, headers={"If-Match": written.format(tag=tag(alice, path))})

    assert answer.status_code == status
    assert (body(alice.get(path)) == before) == (status != 200)
    if status == 400:
        assert body(answer)["reason"] == "malformed_header"


def test_if_none_match_keeps_a_change_from_what_is_known(alice: FlaskClient, thing: tuple[str, Any, Any]) -> None:
    path, change, _ = thing

    assert alice.patch(path, json=change, headers={"If-None-Match": tag(alice, path)}).status_code == 412
    assert alice.patch(path, json=change, headers={"If-None-Match": "*"}).status_code == 412
    assert alice.patch(path, json=change, headers={"If-None-Match": '"other"'}).status_code == 200


def test_what_is_known_already_is_304_without_a_body(alice: FlaskClient, thing: tuple[str, Any, Any]) -> None:
    path, change, _ = thing
    known = tag(alice, path)

    for written in (known, f"W/{known}", f'"other", {known}', "*"):
        answer = alice.get(path, headers={"If-None-Match": written})
        assert answer.status_code == 304, written
        assert answer.data == b""
        assert answer.headers["ETag"] == known
        assert "Content-Length" not in answer.headers

    alice.patch(path, json=change)
    assert alice.get(path, headers={"If-None-Match": known}).status_code == 200


def test_reading_only_what_was_read_before_is_412_when_it_has_changed(
    alice: FlaskClient, thing: tuple[str, Any, Any]
) -> None:
    path, change, _ = thing
    read = {"If-Match": tag(alice, path)}

    assert alice.get(path, headers=read).status_code == 200
    alice.patch(path, json=change)
    assert alice.get(path, headers=read).status_code == 412


def test_what_would_refuse_the_change_anyway_is_said_first(
    alice: FlaskClient, bob: FlaskClient, conversation: str, message: str
) -> None:
    other = {"If-Match": '"other"'}
    for path, change in ((conversation, {"title": "x"}), (message, {"feedback": "up"})):
        assert bob.patch(path, json=change, headers=other).status_code == 403
        assert alice.patch(path, json={"unknown": 1}, headers=other).status_code == 422
    alice.delete(conversation)

    for path, change in ((conversation, {"title": "x"}), (conversation, {}), (message, {"feedback": "up"})):
        assert alice.patch(path, json=change, headers=other).status_code == 409, path


def test_a_change_of_nothing_asks_all_the_same(alice: FlaskClient, conversation: str) -> None:
    for path in (conversation, "/api/auth/me"):
        assert alice.patch(path, json={}, headers={"If-Match": '"other"'}).status_code == 412
        assert alice.patch(path, json={}, headers={"If-Match": tag(alice, path)}).status_code == 200


def test_every_change_of_what_is_shown_changes_the_tag(alice: FlaskClient, conversation: str, message: str) -> None:
    conversation_changes: list[Change] = [
        lambda: alice.patch(conversation, json={"pinned": True}),
        lambda: alice.patch(conversation, json={"temperature": 0.5}),
        lambda: alice.post(f"{conversation}/messages", json={"content": "more"}),
        lambda: alice.delete(conversation),
        lambda: alice.post(f"{conversation}/restore"),
    ]
    message_changes: list[Change] = [
        lambda: alice.patch(message, json={"feedback": "up"}),
        lambda: alice.post(f"{conversation}/messages", json={"content": "beside it", "parentId": None}),
    ]

    for path, changes in ((conversation, conversation_changes), (message, message_changes)):
        seen = [tag(alice, path)]
        for change in changes:
            change()
            seen.append(tag(alice, path))
        assert all(before != after for before, after in pairwise(seen)), path


def test_two_clients_that_each_add_tags_lose_none(app: Flask, alice: FlaskClient, conversation: str) -> None:
    added = {f"device{device}": [f"{device}-{number}" for number in range(5)] for device in range(2)}

    def add(device: str) -> None:
        client = sign_in(app, "alice")
        for name in added[device]:
            _until_it_holds(client, conversation, partial(_with_tag, name))

    with ThreadPoolExecutor(len(added)) as pool:
        assert list(pool.map(add, added)) == [None, None]

    assert sorted(body(alice.get(conversation))["tags"]) == sorted(chain(*added.values()))


def test_two_clients_that_each_add_to_a_preference_lose_none(app: Flask, alice: FlaskClient) -> None:
    def add(word: str) -> None:
        client = sign_in(app, "alice")
        for _ in range(5):
            _until_it_holds(
                client, "/api/auth/me", lambda shown: {"settings": {"words": shown["settings"].get("words", "") + word}}
            )

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(add, "ab")) == [None, None]

    assert sorted(body(alice.get("/api/auth/me"))["settings"]["words"]) == ["a"] * 5 + ["b"] * 5


def _with_tag(name: str, shown: dict[str, Any]) -> dict[str, Any]:
    return {"tags": [*shown["tags"], name]}


def _until_it_holds(client: FlaskClient, path: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Reads, changes what was read, and does both again for as long as somebody else is faster."""
    for _ in range(100):
        read = client.get(path)
        answer = client.patch(path, json=change(body(read)), headers={"If-Match": read.headers["ETag"]})
        if answer.status_code == 200:
            return
        assert answer.status_code == 412, answer.text
    raise AssertionError("others were always faster")
