"""Tags over HTTP: names on conversations, with colours and counts."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp.repositories import tag_repository
from tests.support.answers import body

CONVERSATIONS = "/api/conversations/"


def begin(client: FlaskClient, *tags: str, **fields: Any) -> str:
    answer = client.post(CONVERSATIONS, json={"tags": tags, **fields})
    assert answer.status_code == 201, answer.text
    return str(body(answer)["id"])


def tags_of(client: FlaskClient, conversation_id: str) -> list[str]:
    return list(body(client.get(CONVERSATIONS + conversation_id))["tags"])


def listed(client: FlaskClient) -> dict[str, tuple[str | None, int]]:
    return {tag["name"]: (tag["color"], tag["count"]) for tag in body(client.get("/api/tags/"))["items"]}


def path(tag: str) -> str:
    return f"/api/tags/{quote(tag, safe='')}"


def test_ones_tags_are_listed_by_name_with_what_the_lists_show(alice: FlaskClient, bob: FlaskClient) -> None:
    begin(alice, "work", "art")
    begin(alice, "work")
    archived, trashed = begin(alice, "work", "Old"), begin(alice, "work")
    begin(alice, "secret", temporary=True)
    begin(bob, "bobs")
    alice.patch(CONVERSATIONS + archived, json={"archived": True})
    alice.delete(CONVERSATIONS + trashed)

    assert listed(alice) == {"art": (None, 1), "Old": (None, 0), "work": (None, 2)}
    assert list(listed(alice)) == ["art", "Old", "work"]


def test_of_too_many_tags_those_used_most_are_listed(alice: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tag_repository, "MOST_LISTED", 2)
    for tags in (("c", "a"), ("c", "b"), ("c", "b")):
        begin(alice, *tags)

    assert listed(alice) == {"b": (None, 2), "c": (None, 3)}


def test_a_colour_that_this_version_does_not_know_is_none(
    alice: FlaskClient, database: Database[dict[str, Any]]
) -> None:
    begin(alice, "work")
    alice.patch(path("work"), json={"color": "red"})
    database["tags"].update_one({}, {"$set": {"color": "ultraviolet"}})

    assert listed(alice) == {"work": (None, 1)}


def test_a_tag_is_given_a_colour_and_loses_it(alice: FlaskClient) -> None:
    begin(alice, "work")

    assert body(alice.patch(path("work"), json={"color": "blue"})) == {"name": "work", "color": "blue", "count": 1}
    assert listed(alice) == {"work": ("blue", 1)}
    assert body(alice.patch(path("work"), json={"color": None}))["color"] is None
    assert listed(alice) == {"work": (None, 1)}


def test_a_tag_is_renamed_everywhere_and_keeps_its_colour(alice: FlaskClient, bob: FlaskClient) -> None:
    shown, archived, trashed = (begin(alice, "a", "work", "z") for _ in range(3))
    bobs = begin(bob, "work")
    alice.patch(CONVERSATIONS + archived, json={"archived": True})
    alice.delete(CONVERSATIONS + trashed)
    alice.patch(path("work"), json={"color": "red"})

    renamed = alice.patch(path("work"), json={"name": "jobs"})

    assert body(renamed) == {"name": "jobs", "color": "red", "count": 1}
    assert [tags_of(alice, one) for one in (shown, archived, trashed)] == [["a", "jobs", "z"]] * 3
    assert tags_of(bob, bobs) == ["work"]
    assert alice.patch(path("work"), json={"color": "red"}).status_code == 404


def test_two_tags_become_one(alice: FlaskClient) -> None:
    both, one = begin(alice, "work", "jobs"), begin(alice, "work")
    alice.patch(path("work"), json={"color": "red"})
    alice.patch(path("jobs"), json={"color": "blue"})

    alice.patch(path("work"), json={"name": "jobs"})

    assert (tags_of(alice, both), tags_of(alice, one)) == (["jobs"], ["jobs"])
    assert listed(alice) == {"jobs": ("blue", 2)}


def test_a_tag_is_taken_off_everywhere(alice: FlaskClient) -> None:
    kept, trashed = begin(alice, "work", "a"), begin(alice, "work")
    alice.delete(CONVERSATIONS + trashed)
    alice.patch(path("work"), json={"color": "red"})

    assert alice.delete(path("work")).status_code == 204

    assert (tags_of(alice, kept), tags_of(alice, trashed)) == (["a"], [])
    assert alice.delete(path("work")).status_code == 404
    begin(alice, "work")
    assert listed(alice)["work"] == (None, 1), "the colour went with it"


@pytest.mark.parametrize("change", [{"name": "jobs"}, None])
def test_devices_are_told_of_every_conversation_whose_tags_have_changed(
    alice: FlaskClient, database: Database[dict[str, Any]], change: dict[str, str] | None
) -> None:
    """Also of one that has both of two tags that become one."""
    changed = {begin(alice, "work", "jobs"), begin(alice, "work")}
    begin(alice, "jobs")

    answer = alice.delete(path("work")) if change is None else alice.patch(path("work"), json=change)

    assert answer.status_code < 300
    told = {"type": "conversation.updated", "fields": ["tags"]}
    assert {str(one["_id"]) for one in database["conversations"].find({"lastChange.events": told})} == changed


def test_devices_are_told_of_every_change_of_a_tag(alice: FlaskClient, database: Database[dict[str, Any]]) -> None:
    begin(alice, "work")
    seen = set()

    for change in ({"color": "red"}, {"color": None}, {"name": "jobs"}):
        alice.patch(path("work"), json=change)
        told = (database["users"].find_one({"lastChange": {"$exists": True}}) or {})["lastChange"]
        assert told["events"] == [{"type": "tag.updated", "name": "work"}]
        seen.add(told["id"])
    alice.delete(path("jobs"))
    told = (database["users"].find_one({"lastChange": {"$exists": True}}) or {})["lastChange"]

    assert told["events"] == [{"type": "tag.updated", "name": "jobs"}]
    assert len(seen) == 3


@pytest.mark.parametrize("name", ["a/b", "a//b", "100 %", "?x#y", "ü/🎉", "a+b", "$set", "a.b"])
def test_a_tag_may_have_any_name(alice: FlaskClient, name: str) -> None:
    begin(alice, name)

    assert body(alice.patch(path(name), json={"color": "green"}))["name"] == name
    assert listed(alice) == {name: ("green", 1)}
    assert alice.delete(path(name)).status_code == 204


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"name": "x" * 10_000}, "name", "too_long"),
        ({"name": ""}, "name", "blank"),
        ({"color": "#ff0000"}, "color", "unknown_value"),
        ({"count": 3}, "count", "unknown_field"),
    ],
)
def test_a_refused_change_of_a_tag_changes_nothing(
    alice: FlaskClient, changes: dict[str, Any], field: str, reason: str
) -> None:
    begin(alice, "work")

    refused = alice.patch(path("work"), json={"color": "red", **changes})

    assert refused.status_code == 422
    assert reason in {fault["reason"] for fault in body(refused)["faults"] if fault["field"] == field}
    assert listed(alice) == {"work": (None, 1)}


@pytest.mark.parametrize(
    ("tags", "reason"), [(["x" * 10_000], "too_long"), ([str(number) for number in range(1000)], "too_many")]
)
def test_more_than_a_conversation_holds_is_refused(alice: FlaskClient, tags: list[str], reason: str) -> None:
    kept = begin(alice, "work")

    for refused in (
        alice.post(CONVERSATIONS, json={"tags": tags}),
        alice.patch(CONVERSATIONS + kept, json={"tags": tags}),
    ):
        assert refused.status_code == 422
        assert [fault["reason"] for fault in body(refused)["faults"]] == [reason]
    assert listed(alice) == {"work": (None, 1)}


def test_a_thousand_tags_have_a_colour_at_the_most(alice: FlaskClient, database: Database[dict[str, Any]]) -> None:
    begin(alice, "work", "more")
    alice.patch(path("work"), json={"color": "red"})
    stored = database["tags"].find_one() or {}
    database["tags"].insert_many([{**stored, "_id": ObjectId(), "name": str(number)} for number in range(999)])

    refused = alice.patch(path("more"), json={"color": "blue"})

    assert body(refused)["faults"] == [{"field": "color", "reason": "too_many", "limit": 1000}]
    assert listed(alice)["more"] == (None, 1)
    assert alice.patch(path("work"), json={"color": "blue"}).status_code == 200
