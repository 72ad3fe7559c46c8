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


def _parts(app: Flask) -> Container:
    parts: Container = app.extensions["chatapp"]
    return parts
