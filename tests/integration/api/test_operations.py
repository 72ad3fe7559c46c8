"""Alive, ready, and what is counted."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.container import Container
from tests.support.api import make_app


def test_the_process_answers(anyone: FlaskClient) -> None:
    assert anyone.get("/healthz").json == {"status": "ok"}


def test_it_is_ready_where_mongodb_takes_writes(anyone: FlaskClient) -> None:
    answer = anyone.get("/readyz")

    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_it_is_not_ready_without_mongodb_but_alive() -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50) as nowhere:
        client = make_app(nowhere["chatapp"]).test_client()

        answer = client.get("/readyz")

        assert answer.status_code == 503
        assert answer.json == {
            "status": "unavailable",
            "reason": "MongoDB does not answer (ServerSelectionTimeoutError).",
        }
        assert client.get("/healthz").status_code == 200


def test_it_is_not_ready_where_mongodb_has_no_primary(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    secondary = type("Admin", (), {"command": lambda *_: {"setName": "rs0", "isWritablePrimary": False}})()
    client = type("Client", (), {"admin": secondary})()
    monkeypatch.setattr(_parts(app), "database", type("Database", (), {"client": client})())

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert answer.json is not None
    assert "no primary" in answer.json["reason"]


def test_nothing_is_read_or_written_before_the_database_is_up_to_date(
    app: Flask, database: Database[dict[str, Any]]
) -> None:
    _parts(app).schema_is_current = False
    client = app.test_client()

    refused = client.post("/api/auth/register", json={"email": "a@example.org", "password": "12345678"})

    assert refused.status_code == 503
    assert refused.headers["Retry-After"] == "1"
    assert database["users"].count_documents({}) == 0
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    _parts(app).upgrade_database()
    assert client.get("/readyz").status_code == 200


def test_requests_are_counted_by_route_and_not_by_path(alice: FlaskClient) -> None:
    for number in range(3):
        alice.delete(f"/api/auth/sessions/{number}")
        alice.get(f"/nothing/{number}")

    text = alice.get("/metrics").text

    assert 'route="/api/auth/sessions/<sign_in_id>",status="404"' in text
    assert 'method="GET",route="none",status="404"' in text
    assert "/nothing" not in text
    assert "chatapp_http_request_seconds_bucket" in text


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via"])
@pytest.mark.parametrize("proxies", ["0", "1"])
def test_metrics_are_not_told_through_a_proxy_on_this_host(
    database: Database[dict[str, Any]], proxies: str, header: str
) -> None:
    client = make_app(database, CHATAPP_TRUSTED_PROXIES=proxies).test_client()

    refused = client.get("/metrics", headers={header: "127.0.0.1"})

    assert refused.status_code == 403
    assert refused.json is not None
    assert refused.json["reason"] == "metrics_not_allowed"
    assert client.get("/metrics").status_code == 200


def test_metrics_are_not_told_through_an_nginx_that_says_nothing_of_itself(alice: FlaskClient) -> None:
    answer = alice.get("/metrics", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0"})

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("peer", "asked", "status"),
    [
        ("127.0.0.1", "127.0.0.1:8000", 200),
        ("127.0.0.2", "localhost", 200),
        ("::1", "[::1]:8000", 200),
        ("::ffff:127.0.0.1", "localhost:8000", 200),
        ("192.0.2.7", "localhost", 403),
        ("::ffff:192.0.2.7", "localhost", 403),
        ("", "localhost", 403),  # a socket file, which only a proxy uses
        ("127.0.0.1", "chat.example.org", 403),  # a proxy that adds no header, or a name that resolves to this host
        ("127.0.0.1", "localhost.example.org", 403),
        ("127.0.0.1", "[broken", 403),
    ],
)
def test_metrics_without_a_token_are_for_this_host_alone(app: Flask, peer: str, asked: str, status: int) -> None:
    answer = app.test_client().get("/metrics", environ_overrides={"REMOTE_ADDR": peer, "HTTP_HOST": asked})

    assert answer.status_code == status


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer a-token-of-the-operator", 200),
        ("bearer a-token-of-the-operator", 200),
        ("Bearer a-token-of-the-operatoR", 403),
        ("Bearer a-token", 403),
        ("Bearer \xe9", 403),
        ("Bearer ", 403),
        ("Basic a-token-of-the-operator", 403),
        ("a-token-of-the-operator", 403),
        (None, 403),
    ],
)
def test_metrics_with_a_token_are_for_those_who_know_it_wherever_they_are(
    database: Database[dict[str, Any]], authorization: str | None, status: int
) -> None:
    client = make_app(database, CHATAPP_METRICS_TOKEN="a-token-of-the-operator").test_client()
    headers = {"Authorization": authorization} if authorization else {}

    for peer in ("127.0.0.1", "192.0.2.7"):
        answer = client.get("/metrics", headers=headers, environ_overrides={"REMOTE_ADDR": peer})
        assert answer.status_code == status


def _parts(app: Flask) -> Container:
    parts: Container = app.extensions["chatapp"]
    return parts
