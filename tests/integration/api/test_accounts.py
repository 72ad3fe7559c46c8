"""Registering, logging in and out, and one's own account."""

from __future__ import annotations

import json
import threading
import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner
from pymongo.database import Database

from chatapp.api.sign_in import COOKIE
from chatapp.clock import utc_now
from tests.support.answers import body
from tests.support.api import PASSWORD, make_app, sign_in, sign_up

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


def test_an_unknown_email_and_a_wrong_password_are_told_the_same(app: Flask, alice: FlaskClient) -> None:
    stranger = app.test_client()

    unknown = stranger.post("/api/auth/login", json={"email": "nobody@example.org", "password": "wrong password"})
    wrong = stranger.post("/api/auth/login", json={"email": "alice@example.org", "password": "wrong password"})
    short = stranger.post("/api/auth/login", json={"email": "alice@example.org", "password": "x"})

    assert unknown.status_code == wrong.status_code == short.status_code == 401
    assert unknown.json == wrong.json == short.json
    assert "Set-Cookie" not in wrong.headers


def test_a_password_is_the_same_however_a_keyboard_composes_it(app: Flask) -> None:
    client = app.test_client()
    client.post("/api/auth/register", json={"email": "ada@example.org", "password": "cafe\u0301 cre\u0300me"})

    answer = client.post("/api/auth/login", json={"email": "ada@example.org", "password": "caf\u00e9 cr\u00e8me"})

    assert answer.status_code == 200


def test_logging_out_ends_the_sign_in_on_the_server(app: Flask, alice: FlaskClient, database: Documents) -> None:
    stolen = _cookie(alice)

    answer = alice.post("/api/auth/logout")

    assert answer.status_code == 204
    assert answer.data == b""
    assert alice.get_cookie(COOKIE) is None
    assert alice.get("/api/auth/me").status_code == 401
    assert _with_cookie(app, stolen).get("/api/auth/me").status_code == 401
    assert database["sign_ins"].count_documents({}) == 0


def test_logging_out_is_204_for_one_who_is_not_logged_in(anyone: FlaskClient) -> None:
    assert anyone.post("/api/auth/logout").status_code == 204


def test_logging_in_makes_a_fresh_token_and_ends_the_one_before(app: Flask, alice: FlaskClient) -> None:
    before = _cookie(alice)

    alice.post("/api/auth/login", json={"email": "alice@example.org", "password": PASSWORD})

    assert _cookie(alice) != before
    assert alice.get("/api/auth/me").status_code == 200
    assert _with_cookie(app, before).get("/api/auth/me").status_code == 401


def test_a_cookie_that_was_made_up_is_nobody(app: Flask, alice: FlaskClient) -> None:
    assert _with_cookie(app, _cookie(alice)[:-2] + "xx").get("/api/auth/me").status_code == 401
    assert _with_cookie(app, "rubbish").get("/api/auth/me").status_code == 401


def test_a_cookie_of_the_version_before_is_still_signed_in(app: Flask, alice: FlaskClient, database: Documents) -> None:
    client = _with_cookie(app, _cookie_of_the_version_before(app, _token(alice)))

    assert client.get("/api/auth/me").status_code == 200
    assert "Set-Cookie" not in client.get("/api/auth/me").headers

    database["sign_ins"].update_one({}, [{"$set": {"lastSeenAt": {"$subtract": ["$lastSeenAt", 360_000]}}}])
    renewed = client.get("/api/auth/me")
    assert "Expires" in renewed.headers["Set-Cookie"], "a device that was remembered stays so"
    with client.session_transaction() as session:
        assert dict(session) == {"_permanent": True, "token": _token(alice)}
    assert client.post("/api/auth/logout").status_code == 204
    assert alice.get("/api/auth/me").status_code == 401


def test_logging_in_replaces_a_cookie_of_the_version_before(app: Flask, alice: FlaskClient) -> None:
    client = _with_cookie(app, _cookie_of_the_version_before(app, _token(alice)))

    client.post("/api/auth/login", json={"email": "alice@example.org", "password": PASSWORD})

    assert alice.get("/api/auth/me").status_code == 401
    assert client.get("/api/auth/me").status_code == 200


def test_the_remember_cookie_of_another_application_on_this_host_signs_nobody_out(alice: FlaskClient) -> None:
    alice.set_cookie("remember_token", "66f1c0ffee15c0ffee15c0de|0123456789abcdef")

    assert alice.get("/api/auth/me").status_code == 200


def test_only_the_hash_of_a_token_is_stored(app: Flask, alice: FlaskClient, database: Documents) -> None:
    with alice.session_transaction() as session:
        token = session["token"]

    [record] = database["sign_ins"].find()

    assert token not in str(record)
    assert len(token) >= 43


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


def test_a_sign_in_that_has_expired_is_401(alice: FlaskClient, database: Documents) -> None:
    [record] = database["sign_ins"].find()
    database["sign_ins"].update_one({}, {"$set": {"expiresAt": record["createdAt"] - timedelta(seconds=1)}})

    assert alice.get("/api/auth/me").status_code == 401


def test_the_cookie_of_a_remembered_device_stays_30_days_and_others_go_with_the_browser(app: Flask) -> None:
    sign_up(app, "alice")
    client = app.test_client()
    body = {"email": "alice@example.org", "password": PASSWORD}

    forgotten = client.post("/api/auth/login", json=body).headers["Set-Cookie"]
    remembered = client.post("/api/auth/login", json={**body, "remember": True}).headers["Set-Cookie"]

    assert "HttpOnly" in forgotten
    assert "SameSite=Lax" in forgotten
    assert "Expires" not in forgotten
    assert "Secure" not in forgotten
    expires = parsedate_to_datetime(remembered.partition("Expires=")[2].partition(";")[0])
    assert abs(expires - utc_now() - timedelta(days=30)) < timedelta(minutes=5)
    assert "Set-Cookie" not in client.get("/api/auth/me").headers, "only when it changes"


def test_a_cookie_with_something_else_than_a_token_is_nobody(app: Flask, anyone: FlaskClient) -> None:
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    assert _with_cookie(app, serializer.dumps({"token": 7})).get("/api/auth/me").status_code == 401


def test_only_answers_that_depend_on_who_asks_vary_by_cookie(alice: FlaskClient) -> None:
    assert "Cookie" in alice.get("/api/auth/me").headers["Vary"]
    assert "Cookie" not in alice.get("/healthz").headers.get("Vary", "")


@pytest.mark.parametrize("ahead", [timedelta(seconds=20), timedelta(days=-40)])
@pytest.mark.parametrize("remember", [True, False])
def test_a_host_whose_clock_is_wrong_signs_in_for_all_others(
    app: Flask, database: Documents, monkeypatch: pytest.MonkeyPatch, ahead: timedelta, remember: bool
) -> None:
    sign_up(app, "alice")
    with monkeypatch.context() as wrong_clock:
        signed_at = int(time.time() + ahead.total_seconds())
        wrong_clock.setattr(TimestampSigner, "get_timestamp", lambda _signer: signed_at)
        client = sign_in(app, "alice", remember=remember)
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    other_host = make_app(database).test_client()
    other_host.set_cookie(COOKIE, cookie.value)

    assert other_host.get("/api/auth/me").status_code == 200

    database["sign_ins"].update_many({}, {"$set": {"expiresAt": utc_now()}})
    assert other_host.get("/api/auth/me").status_code == 401, "the record says when it ends"


def test_a_cookie_that_was_changed_is_nobodys(alice: FlaskClient) -> None:
    cookie = alice.get_cookie(COOKIE)
    assert cookie is not None
    alice.set_cookie(COOKIE, cookie.value[:-4] + "AAAA")

    assert alice.get("/api/auth/me").status_code == 401


def test_the_cookie_is_secure_on_https(app: Flask) -> None:
    client = app.test_client()
    body = {"email": "ada@example.org", "password": PASSWORD}

    answer = client.post("/api/auth/register", json=body, base_url="https://chat.example.org")

    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"]


def _cookie(client: FlaskClient) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie is not None
    return cookie.value


def _token(client: FlaskClient) -> str:
    with client.session_transaction() as session:
        return str(session["token"])


def _cookie_of_the_version_before(app: Flask, token: str) -> str:
    """What ``Set-Cookie`` held while Flask-Login itself kept the token, for a device that was remembered."""
    serializer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert serializer is not None
    return serializer.dumps({"_permanent": True, "_user_id": token, "_fresh": True, "_id": ""})


def _with_cookie(app: Flask, value: str) -> FlaskClient:
    client = app.test_client()
    client.set_cookie(COOKIE, value)
    return client
