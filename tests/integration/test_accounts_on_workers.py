"""Accounts on the real server: gunicorn, two gevent workers, one MongoDB."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from tests.support.server import ServerProcess

PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def server(mongodb_uri: str) -> Iterator[ServerProcess]:
    """Both workers throttle, so that the counters are proven under gevent."""
    name = f"chatapp_accounts_{secrets.token_hex(4)}"
    with ServerProcess({"MONGODB_URI": mongodb_uri, "MONGODB_DB": name, "CHATAPP_RATE_LIMITS": "on"}) as running:
        yield running


@pytest.fixture
def alice(server: ServerProcess) -> Iterator[httpx2.Client]:
    with device(server) as client:
        email = f"alice-{secrets.token_hex(4)}@example.org"
        answer = client.post("/api/auth/register", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        yield client


def test_a_session_that_was_ended_is_401_at_the_next_request_on_every_worker(
    server: ServerProcess, alice: httpx2.Client
) -> None:
    stolen = dict(alice.cookies)
    assert everywhere(server, stolen) == {200}

    assert alice.post("/api/auth/logout").status_code == 204

    assert everywhere(server, stolen) == {401}


def test_a_new_password_signs_the_other_device_out_on_every_worker(server: ServerProcess, alice: httpx2.Client) -> None:
    email = alice.get("/api/auth/me").json()["email"]
    with device(server) as phone:
        assert phone.post("/api/auth/login", json={"email": email, "password": PASSWORD}).status_code == 200
        cookies = dict(phone.cookies)

    answer = alice.post("/api/auth/password", json={"currentPassword": PASSWORD, "newPassword": "another password"})

    assert answer.status_code == 204
    assert everywhere(server, cookies) == {401}
    assert everywhere(server, dict(alice.cookies)) == {200}


def test_guesses_at_both_workers_are_counted_together(server: ServerProcess) -> None:
    guess = {"email": f"{secrets.token_hex(4)}@example.org", "password": "wrong password"}

    with ThreadPoolExecutor(12) as pool:
        statuses = list(pool.map(lambda _: once(server, "/api/auth/login", guess), range(12)))

    assert sorted(statuses) == [401] * 10 + [429] * 2


def test_nothing_secret_is_logged(server: ServerProcess, alice: httpx2.Client) -> None:
    email = alice.get("/api/auth/me").json()["email"]
    alice.get("/api/conversations/?cursor=nonsense-in-a-query")

    logs = server.logs

    assert email not in logs
    assert PASSWORD not in logs
    assert "nonsense-in-a-query" not in logs
    assert alice.cookies["chatapp_session"] not in logs


def device(server: ServerProcess) -> httpx2.Client:
    return httpx2.Client(base_url=server.base_url, timeout=20)


def everywhere(server: ServerProcess, cookies: dict[str, str]) -> set[int]:
    """What both workers say: each of many new connections is taken by either of them."""
    header = "; ".join(f"{name}={value}" for name, value in cookies.items())
    headers = {"Cookie": header, "Connection": "close"}
    return {httpx2.get(f"{server.base_url}/api/auth/me", headers=headers).status_code for _ in range(20)}


def once(server: ServerProcess, path: str, body: dict[str, str]) -> int:
    return httpx2.post(f"{server.base_url}{path}", json=body, timeout=30).status_code
