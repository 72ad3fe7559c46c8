"""The application below a path that a proxy takes off and says in ``X-Forwarded-Prefix``."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database

from chatapp.api.sign_in import COOKIE
from tests.support.api import PASSWORD, make_app, sign_up


@pytest.fixture
def app(database: Database[dict[str, Any]]) -> Flask:
    return make_app(database, CHATAPP_TRUSTED_PROXIES="1")


def below(prefix: str) -> dict[str, str]:
    return {"X-Forwarded-Prefix": prefix}


@pytest.mark.parametrize("prefix", ["/chat", "/chat/"])
def test_links_begin_with_the_path(app: Flask, prefix: str) -> None:
    client = sign_up(app, "alice")

    created = client.post("/api/conversations", json={}, headers=below(prefix))
    assert created.json is not None
    assert created.headers["Location"] == f"/chat/api/conversations/{created.json['id']}"
    assert client.get("/openapi.json", headers=below(prefix)).get_json()["servers"] == [{"url": "/chat"}]
    assert 'src="/chat/docs/docs.js"' in client.get("/docs", headers=below(prefix)).text
    assert client.get("/openapi.json").get_json()["servers"] == [{"url": "/"}]
    assert 'src="/docs/docs.js"' in client.get("/docs").text


def test_the_cookie_is_sent_to_no_other_application_of_the_host(app: Flask) -> None:
    client = app.test_client()
    someone = {"email": "alice@example.org", "password": PASSWORD}

    client.post("/api/auth/register", json=someone, headers=below("/chat"))

    assert client.get_cookie(COOKIE, path="/chat") is not None
    assert client.get_cookie(COOKIE) is None
    client.post("/api/auth/login", json=someone)
    assert client.get_cookie(COOKIE) is not None


@pytest.mark.parametrize(
    "prefix", ["chat", "//evil.example", "/a//b", '/"><script>', "/a b", "/ä", "https://evil.example"]
)
def test_a_path_that_no_proxy_would_say_is_ignored(app: Flask, prefix: str) -> None:
    document = app.test_client().get("/docs", headers=below(prefix)).text
    assert 'src="/docs/docs.js"' in document


def test_nobody_but_a_trusted_proxy_says_where_the_application_is(database: Database[dict[str, Any]]) -> None:
    document = make_app(database).test_client().get("/docs", headers=below("/chat")).text
    assert 'src="/docs/docs.js"' in document
