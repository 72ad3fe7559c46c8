"""What answers tell browsers, and what other sites may not do."""

from __future__ import annotations

from typing import Any

import pytest
from flask import request
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.api import make_app

Documents = Database[dict[str, Any]]


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:81"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Origin": "file://localhost"},
        {"Origin": "http://[broken"},
        {"Origin": "http://localhost:port"},
        {"Origin": ""},
    ],
    ids=str,
)
def test_what_another_site_sends_is_refused(alice: FlaskClient, headers: dict[str, str]) -> None:
    for call in (alice.post, alice.patch, alice.delete, alice.put):
        answer = call("/api/auth/me", headers=headers)
        assert answer.status_code == 403
        assert answer.json is not None
        assert answer.json["code"] == 403
    assert alice.post("/api/auth/logout", headers=headers).status_code == 403
    assert alice.get("/api/auth/me").status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://behind-a-proxy.example"},
        {"Origin": "http://localhost"},
        {"Origin": "http://localhost:80"},
        {"Origin": "https://localhost"},
    ],
    ids=str,
)
def test_what_the_own_site_or_a_program_sends_is_taken(alice: FlaskClient, headers: dict[str, str]) -> None:
    assert alice.patch("/api/auth/me", json={"name": "A"}, headers=headers).status_code == 200


def test_reading_from_another_site_is_left_to_the_browser(alice: FlaskClient) -> None:
    assert alice.get("/api/auth/me", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ["/api/auth/me", "/api/nothing", "/docs", "/healthz", "/openapi.json"])
def test_every_answer_is_strict(anyone: FlaskClient, path: str) -> None:
    headers = anyone.get(path, buffered=True).headers

    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers, "this is plain HTTP"
    assert "Access-Control-Allow-Origin" not in headers


def test_nothing_under_api_is_kept_by_caches(alice: FlaskClient) -> None:
    assert alice.get("/api/auth/me").headers["Cache-Control"] == "no-store"


FORWARDED = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "chat.example"}


@pytest.mark.parametrize(
    ("proxies", "headers", "seen"),
    [
        ("0", FORWARDED, ["127.0.0.1", False, "localhost"]),
        ("1", FORWARDED, ["203.0.113.9", True, "chat.example"]),
        ("1", {"X-Forwarded-For": "spoofed, 203.0.113.9"}, ["203.0.113.9", False, "localhost"]),
    ],
)
def test_proxies_are_believed_only_as_far_as_the_settings_say(
    database: Documents, proxies: str, headers: dict[str, str], seen: list[object]
) -> None:
    app = make_app(database, CHATAPP_TRUSTED_PROXIES=proxies)

    @app.get("/api/seen")
    def what_is_seen() -> list[object]:
        return [request.remote_addr, request.is_secure, request.host]

    assert app.test_client().get("/api/seen", headers=headers).json == seen
