"""How often something may be tried."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database

from chatapp import container_of
from chatapp.api import auth
from chatapp.api.caller_address import caller_address
from chatapp.errors import Throttled
from chatapp.repositories.attempt_repository import AttemptRepository
from chatapp.services import attempt_service
from chatapp.services.attempt_service import (
    DELAY,
    DELAYED,
    DELAYED_FOR_ONE,
    LOGIN_FAILURES,
    REGISTRATIONS,
    STRANGERS,
    AttemptLimit,
    AttemptService,
)
from tests.support.api import PASSWORD, make_app, sign_in, sign_up

Documents = Database[dict[str, Any]]


@pytest.fixture
def app(database: Documents) -> Flask:
    return make_app(database, CHATAPP_RATE_LIMITS="on")


def _try(
    client: FlaskClient,
    password: str = "wrong password",
    email: str = "alice@example.org",
    address: str = "127.0.0.1",
) -> int:
    body = {"email": email, "password": password}
    return client.post("/api/auth/login", json=body, environ_overrides={"REMOTE_ADDR": address}).status_code


def test_guessing_a_password_is_throttled_for_that_address_on_every_worker(app: Flask, database: Documents) -> None:
    sign_up(app, "alice")
    other_worker = make_app(database, CHATAPP_RATE_LIMITS="on").test_client()

    statuses = [_try(app.test_client()) for _ in range(5)] + [_try(other_worker) for _ in range(6)]

    assert statuses == [401] * 10 + [429]
    assert _try(other_worker, PASSWORD) == 429, "the right password must not be found out either"
    assert _try(other_worker, email="bob@example.org") == 401


def test_a_stranger_who_guesses_locks_nobody_out(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a device that was signed in before, though the stranger shares its address, nor another address."""
    monkeypatch.setattr(attempt_service, "DELAY", 0.0)
    monkeypatch.setattr(attempt_service, "STRANGERS", replace(STRANGERS, most=12))
    alice = sign_up(app, "alice")
    alice.post("/api/auth/logout")
    stranger = app.test_client()
    assert [_try(stranger) for _ in range(13)] == [401] * 10 + [429] * 3

    assert _try(alice, PASSWORD) == 200
    assert _try(app.test_client(), PASSWORD, address="203.0.113.9") == 200
    assert _try(stranger, PASSWORD) == 429


def test_guesses_from_many_addresses_are_slowed_down(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []
    monkeypatch.setattr(container_of(app), "attempts", _attempts_that_sleep(app, slept.append))
    known = sign_up(app, "alice")

    statuses = [_try(app.test_client(), address=f"203.0.113.{address}") for address in range(12)]

    assert statuses == [401] * 12
    assert slept == [DELAY] * 2
    assert _try(known, PASSWORD) == 200
    assert slept == [DELAY] * 2, "a device that was signed in before does not wait"


def test_a_delay_holds_few_callers_and_the_others_come_back_later(app: Flask) -> None:
    held: list[str] = []
    emails = [f"user{number}@example.org" for number in range(DELAYED // DELAYED_FOR_ONE)]

    def hold(_seconds: float) -> None:
        """While this one waits, the next one comes."""
        held.append("held")
        if len(held) < DELAYED:
            attempts.count_login(emails[len(held) // DELAYED_FOR_ONE], f"address {len(held)}", None)
            return
        with pytest.raises(Throttled) as refused:
            attempts.count_login("one.more@example.org", "one more", None)
        assert refused.value.retry_after == DELAY

    attempts = _attempts_that_sleep(app, hold)
    for email in [*emails, "one.more@example.org"]:
        for _ in range(LOGIN_FAILURES.most):
            attempts.count(LOGIN_FAILURES, email)

    attempts.count_login(emails[0], "address 0", None)

    assert len(held) == DELAYED


def test_more_guesses_at_once_than_may_wait_for_one_email_are_refused(app: Flask) -> None:
    held: list[str] = []

    def hold(_seconds: float) -> None:
        held.append("held")
        attempts.count_login("alice@example.org", f"address {len(held)}", None)

    attempts = _attempts_that_sleep(app, hold)
    for _ in range(LOGIN_FAILURES.most):
        attempts.count(LOGIN_FAILURES, "alice@example.org")

    with pytest.raises(Throttled):
        attempts.count_login("alice@example.org", "address 0", None)

    assert len(held) == DELAYED_FOR_ONE


def test_a_known_device_has_no_more_guesses_than_others(app: Flask) -> None:
    known = sign_up(app, "alice")

    statuses = [_try(known) for _ in range(21)]

    assert statuses == [401] * 20 + [429], "its own, then those of its address"


def test_a_device_is_known_to_whoever_signed_in_there_and_to_nobody_else(app: Flask) -> None:
    sign_up(app, "carol")
    shared = sign_up(app, "alice")
    shared.post("/api/auth/register", json={"email": "bob@example.org", "password": PASSWORD})
    for name in ("alice", "bob", "carol"):
        for _ in range(LOGIN_FAILURES.most):
            _try(app.test_client(), email=f"{name}@example.org")

    statuses = {name: _try(shared, PASSWORD, f"{name}@example.org") for name in ("alice", "bob", "carol")}

    assert statuses == {"alice": 200, "bob": 200, "carol": 429}


def test_a_devices_cookie_is_shown_only_to_sign_in_and_names_nobody(app: Flask) -> None:
    answer = app.test_client().post("/api/auth/register", json={"email": "alice@example.org", "password": PASSWORD})

    [cookie] = [cookie for cookie in answer.headers.getlist("Set-Cookie") if cookie.startswith("chatapp_device_")]
    for attribute in ("Path=/api/auth/login", "HttpOnly", "SameSite=Strict", "Max-Age=31536000"):
        assert attribute in cookie
    assert "alice" not in cookie
    refused = app.test_client().post("/api/auth/login", json={"email": "alice@example.org", "password": "wrong"})
    assert "Set-Cookie" not in refused.headers


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
    statuses = [status for address in range(15) for status in _at_once(app, STRANGERS, f"203.0.113.{address}", times=6)]

    assert statuses == ["counted"] * 90


def test_of_many_attempts_at_once_no_more_than_the_limit_pass(app: Flask) -> None:
    limit = AttemptLimit("login", most=4, seconds=300)

    for address in range(15):
        statuses = _at_once(app, limit, f"203.0.113.{address}", times=6)

        assert sorted(statuses) == ["counted"] * 4 + ["throttled"] * 2


def test_an_attempt_counts_for_as_long_as_the_limit_says(app: Flask, database: Documents) -> None:
    attempts, limit = _attempts(app), AttemptLimit("login", most=2, seconds=300)
    attempts.count(limit, "ada")
    _age(database, seconds=200)
    attempts.count(limit, "ada")

    with pytest.raises(Throttled) as refused:
        attempts.count(limit, "ada")
    assert refused.value.retry_after is not None
    assert 95 <= refused.value.retry_after <= 100, "until the first of the two no longer counts"

    _age(database, seconds=100)
    attempts.count(limit, "ada")
    with pytest.raises(Throttled):
        attempts.count(limit, "ada")


def test_registering_is_throttled_by_address(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "REGISTRATIONS", replace(REGISTRATIONS, most=2))
    sign_up(app, "alice")
    sign_up(app, "bob")

    body = {"email": "carol@example.org", "password": PASSWORD}
    same = app.test_client().post("/api/auth/register", json=body)
    elsewhere = app.test_client().post(
        "/api/auth/register", json=body, environ_overrides={"REMOTE_ADDR": "203.0.113.9"}
    )

    assert (same.status_code, elsewhere.status_code) == (429, 201)


def test_logging_in_is_throttled_by_address_whatever_the_email(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_service, "STRANGERS", replace(STRANGERS, most=3))
    client = app.test_client()

    statuses = [_try(client, email=f"user{number}@example.org") for number in range(4)]

    assert statuses == [401, 401, 401, 429]


@pytest.mark.parametrize("body", [b"{", b"{}", b"[1]", b" " * 20_000], ids=["malformed", "empty", "list", "large"])
@pytest.mark.parametrize("path", ["/api/auth/login", "/api/auth/register"])
def test_a_stranger_who_sends_bad_bodies_is_throttled_too(
    app: Flask, monkeypatch: pytest.MonkeyPatch, path: str, body: bytes
) -> None:
    monkeypatch.setattr(attempt_service, "STRANGERS", replace(STRANGERS, most=2))
    client = app.test_client()

    statuses = [client.post(path, data=body, content_type="application/json").status_code for _ in range(3)]

    assert statuses[2] == 429
    assert 429 not in statuses[:2]
    assert client.post("/api/auth/login", json={"email": "a@example.org", "password": "x"}).status_code == 429


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

    kept = str(list(database["attempts"].find()))

    assert "login-failure" in kept
    assert "alice" not in kept
    assert "127.0.0.1" not in kept


def test_counters_expire(app: Flask, database: Documents) -> None:
    _try(app.test_client())

    counters = list(database["attempts"].find({"_id": {"$regex": "^login-failure"}}))
    assert [counter["expiresAt"] - counter["seenAt"] for counter in counters] == [timedelta(minutes=5)] * 2
    indexes = database["attempts"].index_information()
    assert indexes["expiry"]["expireAfterSeconds"] == 0


def test_without_mongodb_nothing_is_let_through_uncounted() -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50) as nowhere:
        client = make_app(nowhere["chatapp"], CHATAPP_RATE_LIMITS="on").test_client()

        answer = client.post("/api/auth/login", json={"email": "alice@example.org", "password": PASSWORD})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"]


def test_limits_that_are_off_count_nothing(database: Documents) -> None:
    client = make_app(database, CHATAPP_RATE_LIMITS="off").test_client()

    assert [_try(client) for _ in range(12)] == [401] * 12
    assert database["attempts"].count_documents({}) == 0


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", "unknown"),
    ],
)
def test_a_subscriber_of_ipv6_counts_as_one_whatever_the_address(app: Flask, address: str, counted_as: str) -> None:
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert caller_address() == counted_as


def _attempts_that_sleep(app: Flask, sleep: Callable[[float], None]) -> AttemptService:
    return AttemptService(AttemptRepository(container_of(app).database), enabled=True, sleep=sleep)


def _attempts(app: Flask) -> AttemptService:
    return container_of(app).attempts


def _at_once(app: Flask, limit: AttemptLimit, who: str, *, times: int) -> list[str]:
    """What becomes of so many attempts that are made at the same moment."""
    together = Barrier(times)

    def attempt() -> str:
        together.wait()
        try:
            _attempts(app).count(limit, who)
        except Throttled:
            return "throttled"
        return "counted"

    with ThreadPoolExecutor(times) as pool:
        return [made.result() for made in [pool.submit(attempt) for _ in range(times)]]


def _age(database: Documents, *, seconds: int) -> None:
    """All attempts were made earlier."""
    earlier = {"$map": {"input": "$times", "in": {"$subtract": ["$$this", seconds * 1000]}}}
    database["attempts"].update_many({}, [{"$set": {"times": earlier}}])
