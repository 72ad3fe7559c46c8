"""Logging in and out, and the cookie that says who somebody is."""

from __future__ import annotations

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
from tests.support.api import PASSWORD, make_app, sign_in, sign_up

Documents = Database[dict[str, Any]]


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
