"""Registering, and one's own account: name, preferences, password."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.answers import body
from tests.support.api import PASSWORD, make_app, sign_in

Documents = Database[dict[str, Any]]


def test_registering_signs_in_and_shows_the_account_without_its_password(anyone: FlaskClient) -> None:
    answer = anyone.post("/api/auth/register", json={"email": "ada@example.org", "password": PASSWORD, "name": "Ada"})

    assert answer.status_code == 201
    assert answer.json is not None
    assert answer.json.keys() == {"id", "email", "name", "createdAt", "settings"}
    assert (answer.json["email"], answer.json["name"], answer.json["settings"]) == ("ada@example.org", "Ada", {})
    assert "Expires" not in answer.headers["Set-Cookie"], "the sign-in goes with the browser"
    assert anyone.get("/api/auth/me").json == answer.json


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  Ada@Example.ORG ", "ada@example.org"),
        ("a\u0301da@example.org", "\u00e1da@example.org"),
        ("ada@localhost", "ada@localhost"),
        ("ada@b\u00fccher.example", "ada@b\u00fccher.example"),
    ],
)
def test_an_email_is_kept_in_one_form(anyone: FlaskClient, written: str, kept: str) -> None:
    answer = anyone.post("/api/auth/register", json={"email": written, "password": PASSWORD})

    assert answer.json is not None
    assert answer.json["email"] == kept
    again = anyone.post("/api/auth/login", json={"email": written.upper(), "password": PASSWORD})
    assert again.status_code == 200


def test_an_email_is_taken_in_whatever_case(app: Flask, alice: FlaskClient, database: Documents) -> None:
    answer = app.test_client().post("/api/auth/register", json={"email": "ALICE@example.org", "password": PASSWORD})

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"] == {"json": {"email": ["An account with this e-mail exists already."]}}
    assert "email" in answer.json["message"]
    assert database["users"].count_documents({}) == 1


def test_of_two_registrations_at_once_one_wins(app: Flask, database: Documents) -> None:
    statuses: list[int] = []
    together = threading.Barrier(4)

    def register() -> None:
        client = app.test_client()
        together.wait()
        body = {"email": "ada@example.org", "password": PASSWORD}
        statuses.append(client.post("/api/auth/register", json=body).status_code)

    threads = [threading.Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [201, 422, 422, 422]
    assert database["users"].count_documents({}) == 1


def test_closed_registration_is_403(database: Documents) -> None:
    client = make_app(database, CHATAPP_REGISTRATION="closed").test_client()

    answer = client.post("/api/auth/register", json={"email": "ada@example.org", "password": PASSWORD})

    assert answer.status_code == 403
    assert database["users"].count_documents({}) == 0


def test_name_and_preferences_change_one_by_one(alice: FlaskClient) -> None:
    alice.patch("/api/auth/me", json={"settings": {"theme": "dark", "language": "de", "size": 1.5}})

    answer = alice.patch("/api/auth/me", json={"name": "  Alice L. ", "settings": {"theme": None, "dense": True}})

    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["name"] == "Alice L."
    assert answer.json["settings"] == {"language": "de", "size": 1.5, "dense": True}
    assert alice.patch("/api/auth/me", json={}).json == answer.json
    assert alice.get("/api/auth/me").json == answer.json


def test_preferences_have_a_bound_however_often_some_are_added(alice: FlaskClient) -> None:
    def add(number: int, *, characters: int, times: int) -> int:
        added = {f"name{number}_{time}": "x" * characters for time in range(times)}
        return alice.patch("/api/auth/me", json={"settings": added}).status_code

    assert [add(number, characters=20_000, times=3) for number in range(4)] == [200, 200, 200, 422]
    alice.patch("/api/auth/me", json={"settings": {f"name{one}_{two}": None for one in range(3) for two in range(3)}})
    assert [add(number, characters=1, times=60) for number in range(2)] == [200, 422]
    account = alice.get("/api/auth/me").json
    assert account is not None
    assert len(account["settings"]) == 60


@pytest.mark.parametrize(
    "settings",
    [
        {"$set": 1},
        {"a.b": 1},
        {"": 1},
        {"deep": {"er": 1}},
        {"language": "en_US"},
        {"language": "EN"},
        {"language": "auto"},
        {"language": 1},
        {"language": {}},
        {"list": [1]},
        {"retentionDays": 0},
        {"retentionDays": 36_501},
        {"retentionDays": 1.5},
        {"retentionDays": "30"},
        {"retentionDays": True},
        {"big": 2**63},
        {"text": "x" * 20_001},
        {"lone": "\ud800"},
        {f"n{number}": 1 for number in range(101)},
        [],
        "dark",
        None,
    ],
)
def test_preferences_that_could_not_be_used_or_stored_exactly_are_refused(alice: FlaskClient, settings: object) -> None:
    answer = alice.patch("/api/auth/me", data=json.dumps({"settings": settings}), content_type="application/json")

    assert answer.status_code == 422
    assert answer.json is not None
    assert "settings" in answer.json["errors"]["json"]
    account = alice.get("/api/auth/me").json
    assert account is not None
    assert account["settings"] == {}


def test_a_language_is_one_that_there_is_and_the_refusal_names_it(alice: FlaskClient) -> None:
    for language in ("de", "en", None):
        assert alice.patch("/api/auth/me", json={"settings": {"language": language}}).status_code == 200

    refused = body(alice.patch("/api/auth/me", json={"settings": {"language": "tlh"}}))

    assert refused["faults"] == [{"field": "settings.language", "reason": "unknown_value"}]


def test_a_new_password_ends_every_other_session(app: Flask, alice: FlaskClient) -> None:
    phone = sign_in(app, "alice")

    answer = alice.post("/api/auth/password", json={"currentPassword": PASSWORD, "newPassword": "another password"})

    assert answer.status_code == 204
    assert alice.get("/api/auth/me").status_code == 200
    assert phone.get("/api/auth/me").status_code == 401
    old = app.test_client().post("/api/auth/login", json={"email": "alice@example.org", "password": PASSWORD})
    assert old.status_code == 401
    new = app.test_client().post("/api/auth/login", json={"email": "alice@example.org", "password": "another password"})
    assert new.status_code == 200


def test_a_wrong_current_password_names_the_field_and_changes_nothing(app: Flask, alice: FlaskClient) -> None:
    phone = sign_in(app, "alice")

    answer = alice.post("/api/auth/password", json={"currentPassword": "wrong", "newPassword": "another password"})

    assert answer.status_code == 422
    assert answer.json is not None
    assert list(answer.json["errors"]["json"]) == ["currentPassword"]
    assert phone.get("/api/auth/me").status_code == 200
    sign_in(app, "alice")


def test_an_account_does_not_touch_another(app: Flask, alice: FlaskClient, bob: FlaskClient) -> None:
    alice.post("/api/auth/password", json={"currentPassword": PASSWORD, "newPassword": "another password"})
    alice.patch("/api/auth/me", json={"name": "Mallory"})

    account = bob.get("/api/auth/me").json

    assert account is not None
    assert account["name"] == "Bob"
    sign_in(app, "bob")
