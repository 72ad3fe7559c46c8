"""How often something may be tried."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import parse
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.api import limits
from tests.support.api import PASSWORD, make_app, sign_in, sign_up

Documents = Database[dict[str, Any]]


@pytest.fixture
def app(database: Documents) -> Flask:
    return make_app(database, CHATAPP_RATE_LIMITS="on")


def _try(client: FlaskClient, password: str = "wrong password", email: str = "alice@example.org") -> int:
    return client.post("/api/auth/login", json={"email": email, "password": password}).status_code


def test_guessing_a_password_is_throttled_for_that_email_on_every_worker(app: Flask, database: Documents) -> None:
    sign_up(app, "alice")
    other_worker = make_app(database, CHATAPP_RATE_LIMITS="on").test_client()

    statuses = [_try(app.test_client()) for _ in range(5)] + [_try(other_worker) for _ in range(6)]

    assert statuses == [401] * 10 + [429]
    assert _try(other_worker, PASSWORD) == 429, "the right password must not be found out either"
    assert _try(other_worker, email="bob@example.org") == 401


def test_a_throttled_call_says_how_long_to_wait(app: Flask) -> None:
    client = app.test_client()
    for _ in range(10):
        _try(client)

    answer = client.post("/api/auth/login", json={"email": "alice@example.org", "password": "x"})

    assert answer.status_code == 429
    assert answer.json is not None
    assert answer.json["code"] == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 300


def test_logging_in_is_no_failure(app: Flask) -> None:
    sign_up(app, "alice")
    for _ in range(15):
        sign_in(app, "alice")


def test_the_first_attempts_may_come_at_once(app: Flask) -> None:
    def attempt(who: str, gate: Barrier) -> bool:
        gate.wait()
        with app.app_context():
            limits.count(limits.LOGINS, "login", who)
        return True

    with ThreadPoolExecutor(6) as pool:
        for number in range(15):
            gate = Barrier(6)
            attempts = [pool.submit(attempt, f"203.0.113.{number}", gate) for _ in range(6)]
            assert all(made.result() for made in attempts)


def test_registering_is_throttled_by_address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "REGISTRATIONS", parse("2 per hour"))
    sign_up(app, "alice")
    sign_up(app, "bob")

    body = {"email": "carol@example.org", "password": PASSWORD}
    same = app.test_client().post("/api/auth/register", json=body)
    elsewhere = app.test_client().post(
        "/api/auth/register", json=body, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}
    )

    assert (same.status_code, elsewhere.status_code) == (429, 201)


def test_logging_in_is_throttled_by_address_whatever_the_email(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LOGINS", parse("3 per 5 minutes"))
    client = app.test_client()

    statuses = [_try(client, email=f"user{number}@example.org") for number in range(4)]

    assert statuses == [401, 401, 401, 429]


def test_guessing_the_current_password_is_throttled(app: Flask) -> None:
    alice = sign_up(app, "alice")
    body = {"currentPassword": "wrong", "newPassword": "another password"}

    statuses = [alice.post("/api/auth/password", json=body).status_code for _ in range(11)]

    assert statuses == [422] * 10 + [429]


def test_the_right_current_password_forgives_the_wrong_ones(app: Flask) -> None:
    alice = sign_up(app, "alice")
    for _ in range(9):
        alice.post("/api/auth/password", json={"currentPassword": "wrong", "newPassword": "another password"})

    right = {"currentPassword": PASSWORD, "newPassword": PASSWORD}

    assert [alice.post("/api/auth/password", json=right).status_code for _ in range(3)] == [204] * 3


def test_no_email_and_no_address_is_kept(app: Flask, database: Documents) -> None:
    _try(app.test_client())

    kept = str([list(database[name].find()) for name in ("limit_windows", "limit_counters")])

    assert "login-failure" in kept
    assert "alice" not in kept
    assert "127.0.0.1" not in kept


def test_counters_expire(app: Flask, database: Documents) -> None:
    _try(app.test_client())

    indexes = database["limit_windows"].index_information()

    assert any("expireAfterSeconds" in index for index in indexes.values())


def test_without_mongodb_nothing_is_let_through_uncounted() -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50) as nowhere:
        client = make_app(nowhere["chatapp"], CHATAPP_RATE_LIMITS="on").test_client()

        answer = client.post("/api/auth/login", json={"email": "alice@example.org", "password": PASSWORD})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_limits_that_are_off_count_nothing(database: Documents) -> None:
    client = make_app(database, CHATAPP_RATE_LIMITS="off").test_client()

    assert [_try(client) for _ in range(12)] == [401] * 12
    assert database["limit_windows"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", "unknown"),
    ],
)
def test_a_subscriber_of_ipv6_is_one_however_many_addresses_he_has(app: Flask, address: str, counted_as: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert limits.caller_address() == counted_as
