"""The devices signed in to an account."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp.api import turn_answers
from chatapp.services.chat_service import ChatService
from tests.support import answers
from tests.support.api import sign_in, sign_up

Documents = Database[dict[str, Any]]


def test_devices_are_listed_with_the_one_that_asks(app: Flask, alice: FlaskClient, bob: FlaskClient) -> None:
    sign_in(app, "alice")

    items = _devices(alice)

    assert len(items) == 2
    assert [item["current"] for item in items].count(True) == 1
    assert items[0].keys() == {"id", "createdAt", "lastSeenAt", "userAgent", "address", "current"}
    assert items[0]["address"] == "127.0.0.1"


def test_many_devices_are_listed_page_by_page(app: Flask, alice: FlaskClient) -> None:
    for _ in range(4):
        sign_in(app, "alice")
    whole = [item["id"] for item in _devices(alice)]

    first = alice.get("/api/auth/sessions?limit=2").get_json()
    second = alice.get(f"/api/auth/sessions?limit=2&cursor={first['nextCursor']}").get_json()
    third = alice.get(f"/api/auth/sessions?limit=2&cursor={second['nextCursor']}").get_json()

    listed = [[item["id"] for item in page["items"]] for page in (first, second, third)]
    assert listed == [whole[:2], whole[2:4], whole[4:]]
    assert third["nextCursor"] is None
    assert alice.get("/api/auth/sessions?cursor=nonsense").status_code == 422
    bob = sign_up(app, "bob")
    assert bob.get(f"/api/auth/sessions?cursor={first['nextCursor']}").status_code == 422


def test_ending_one_device_signs_it_out_at_once(app: Flask, alice: FlaskClient) -> None:
    phone = sign_in(app, "alice")
    [other] = [item["id"] for item in _devices(alice) if not item["current"]]

    assert alice.delete(f"/api/auth/sessions/{other}").status_code == 204

    assert phone.get("/api/auth/me").status_code == 401
    assert alice.get("/api/auth/me").status_code == 200
    assert alice.delete(f"/api/auth/sessions/{other}").status_code == 404


def test_ending_all_others_keeps_the_one_that_asks(app: Flask, alice: FlaskClient, bob: FlaskClient) -> None:
    phone, tablet = sign_in(app, "alice"), sign_in(app, "alice")

    assert alice.delete("/api/auth/sessions").status_code == 204

    assert phone.get("/api/auth/me").status_code == tablet.get("/api/auth/me").status_code == 401
    assert alice.get("/api/auth/me").status_code == bob.get("/api/auth/me").status_code == 200


def test_ending_the_device_that_asks_takes_its_cookie_away(alice: FlaskClient) -> None:
    [own] = _devices(alice)

    answer = alice.delete(f"/api/auth/sessions/{own['id']}")

    assert answer.status_code == 204
    assert "Set-Cookie" in answer.headers
    assert alice.get("/api/auth/me").status_code == 401


def test_somebody_elses_device_is_403_and_stays(alice: FlaskClient, charlie: FlaskClient) -> None:
    [own] = _devices(alice)

    assert charlie.delete(f"/api/auth/sessions/{own['id']}").status_code == 403
    assert alice.get("/api/auth/me").status_code == 200


@pytest.mark.parametrize("malformed", ["x", "0" * 24, "g" * 24, "%00", "%F0%9F%98%80", "a" * 5000])
def test_a_device_that_is_not_there_is_404(alice: FlaskClient, malformed: str) -> None:
    assert alice.delete(f"/api/auth/sessions/{malformed}").status_code == 404


def test_being_seen_prolongs_a_sign_in_every_five_minutes_and_not_more_often(
    app: Flask, alice: FlaskClient, database: Documents
) -> None:
    phone = sign_in(app, "alice", remember=True)
    phone_record = database["sign_ins"].find_one(sort=[("_id", -1)])
    assert phone_record is not None
    assert "Set-Cookie" not in phone.get("/api/auth/me").headers

    _age(database, minutes=6)
    answer = phone.get("/api/auth/me")

    assert "Expires" in answer.headers["Set-Cookie"], "the cookie must live as long as the record"
    assert "Expires" not in alice.get("/api/auth/me").headers["Set-Cookie"], "this one goes with its browser"
    record = database["sign_ins"].find_one({"_id": phone_record["_id"]})
    assert record is not None
    assert record["expiresAt"] - record["lastSeenAt"] == timedelta(days=30)
    assert record["lastSeenAt"] >= phone_record["lastSeenAt"]
    assert "Set-Cookie" not in phone.get("/api/auth/me").headers


def test_who_calls_costs_one_indexed_read(app: Flask, alice: FlaskClient, database: Documents) -> None:
    [record] = database["sign_ins"].find()
    query = {"tokenHash": record["tokenHash"], "expiresAt": {"$gt": record["createdAt"]}}

    plan = database["sign_ins"].find(query).explain()["queryPlanner"]["winningPlan"]

    assert "COLLSCAN" not in str(plan)
    assert "token" in str(plan)


def _devices(client: FlaskClient) -> list[dict[str, Any]]:
    answer = client.get("/api/auth/sessions")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["nextCursor"] is None
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def _age(database: Documents, *, minutes: int) -> None:
    """Everything happened earlier."""
    for record in database["sign_ins"].find():
        change = {name: record[name] - timedelta(minutes=minutes) for name in ("lastSeenAt", "expiresAt")}
        database["sign_ins"].update_one({"_id": record["_id"]}, {"$set": change})


def test_a_device_that_is_signed_out_while_it_waits_for_an_answer_is_not_told_it(
    alice: FlaskClient, database: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/api/chat/{answers.body(alice.post('/api/chat/start', json={}))['sessionId']}/message"
    monkeypatch.setattr(ChatService, "send", lambda *_, **__: None)
    monkeypatch.setattr(turn_answers, "wait_for_answer", lambda *_: database["sign_ins"].delete_many({}))

    assert alice.post(path, json={"content": "hello"}).status_code == 401
