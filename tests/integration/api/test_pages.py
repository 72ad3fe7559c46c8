"""Serving the page: documents are never cached, files whose names change with their content for a year."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from pymongo.database import Database
from pymongo.errors import AutoReconnect

from chatapp.api import pages
from chatapp.api.page_files import BuiltPage, read_page
from tests.support.api import make_app, sign_in, sign_up

HTML = {"Accept": "text/html"}
INDEX = """<html><head><meta name="chatapp" content="" /><script src="./assets/index-abc.js"></script></head>
<body><div id="root"></div></body></html>"""
MANIFEST = {
    "index.html": {"file": "assets/index-abc.js"},
    "_shared.js": {"file": "assets/shared-abc.js", "imports": ["index.html"]},
    "src/app/SignedIn.tsx": {"file": "assets/SignedIn-abc.js", "imports": ["_shared.js", "index.html"]},
    "src/chat/ChatPage.tsx": {"file": "assets/ChatPage-abc.js", "imports": ["_shared.js"]},
    "src/settings/SettingsPage.tsx": {"file": "assets/Settings-abc.js", "imports": ["_shared.js"]},
    "src/chat/Thread.tsx": {"file": "assets/Thread-abc.js", "imports": ["_shared.js"]},
    pages.TITLE_FONT: {"file": "assets/font-abc.woff2"},
}


@pytest.fixture
def app(database: Database[dict[str, Any]]) -> Flask:
    return make_app(database)


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small build in place of the real one."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX)
    (tmp_path / "assets" / "index-abc.js").write_text("plain")
    (tmp_path / "assets" / "index-abc.js.br").write_text("brotli")
    (tmp_path / "assets" / "index-abc.js.gz").write_text("gzip")
    (tmp_path / "assets" / "font-abc.woff2").write_text("font")
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    monkeypatch.setattr(pages, "built_page", lambda: read_page(tmp_path))
    return tmp_path


@pytest.mark.parametrize("path", ["/", "/login", "/register", "/settings", "/c/0123456789abcdef01234567"])
def test_every_address_of_the_page_serves_the_document(app: Flask, built: Path, path: str) -> None:
    answer = app.test_client().get(path, headers=HTML)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]


def test_an_unknown_address_is_404_with_the_pages_document(app: Flask, built: Path) -> None:
    answer = app.test_client().get("/no/such/page", headers=HTML)
    assert answer.status_code == 404
    assert 'name="chatapp"' in answer.text


def test_clients_of_the_api_get_a_404_as_json(app: Flask, built: Path) -> None:
    assert app.test_client().get("/api/nothing", headers=HTML).get_json()["code"] == 404
    assert app.test_client().post("/no/such/page").get_json()["code"] == 404


def test_the_document_says_who_is_signed_in(app: Flask, built: Path) -> None:
    assert _config(app.test_client().get("/").text) == {
        "basePath": "",
        "maxMessageChars": 100_000,
        "registrationOpen": True,
        "user": None,
    }
    alice = sign_up(app, "alice")
    assert _config(alice.get("/").text)["user"] == alice.get("/api/auth/me").get_json()


def test_nobody_is_signed_in_once_the_sign_in_has_ended(app: Flask, built: Path) -> None:
    alice = sign_up(app, "alice")
    sign_in(app, "alice").delete("/api/auth/sessions")
    document = alice.get("/").text
    assert _config(document)["user"] is None
    assert "modulepreload" not in document


def test_the_document_leaves_the_user_out_while_mongodb_is_away(
    app: Flask, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_token: str) -> None:
        raise AutoReconnect("connection closed")

    alice = sign_up(app, "alice")
    monkeypatch.setattr(app.extensions["chatapp"].accounts, "signed_in", away)
    document = alice.get("/")
    assert document.status_code == 200
    assert "user" not in _config(document.text)


def test_signed_in_people_get_the_skeleton_with_the_document(app: Flask, built: Path) -> None:
    (built / "skeleton.html").write_text("<div>skeleton</div>")
    assert "<div>skeleton</div>" in sign_up(app, "alice").get("/").text
    assert "<div>skeleton</div>" not in app.test_client().get("/login").text


@pytest.mark.parametrize(("path", "status"), [("/no/such/page", 404), ("/login", 200)])
def test_pages_outside_the_shell_get_no_skeleton(app: Flask, built: Path, path: str, status: int) -> None:
    (built / "skeleton.html").write_text("<div>skeleton</div>")
    document = sign_up(app, "alice").get(path, headers=HTML)
    assert document.status_code == status
    assert "<div>skeleton</div>" not in document.text
    assert "modulepreload" not in document.text


@pytest.mark.parametrize(
    ("path", "modules"),
    [
        ("/", ["SignedIn-abc.js", "shared-abc.js", "ChatPage-abc.js"]),
        ("/c/0123456789abcdef01234567", ["SignedIn-abc.js", "shared-abc.js", "ChatPage-abc.js", "Thread-abc.js"]),
        ("/settings", ["SignedIn-abc.js", "shared-abc.js", "Settings-abc.js"]),
    ],
)
def test_the_document_preloads_each_module_that_a_signed_in_person_needs_once(
    app: Flask, built: Path, path: str, modules: list[str]
) -> None:
    document = sign_up(app, "alice").get(path).text
    assert re.findall(r'modulepreload" fetchpriority="low" crossorigin href="/assets/([^"]+)"', document) == modules


def test_a_strangers_document_preloads_the_title_font_and_no_module(app: Flask, built: Path) -> None:
    document = app.test_client().get("/login").text
    assert "font-abc.woff2" in document
    assert "modulepreload" not in document


def test_an_unchanged_document_is_not_sent_again(app: Flask, built: Path) -> None:
    client = app.test_client()
    tag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding", "body"), [("gzip, br", "br", "brotli"), ("gzip", "gzip", "gzip"), ("", None, "plain")]
)
def test_a_file_is_sent_in_an_encoding_that_the_browser_accepts(
    app: Flask, built: Path, accepted: str, coding: str | None, body: str
) -> None:
    answer = app.test_client().get("/assets/index-abc.js", headers={"Accept-Encoding": accepted}, buffered=True)
    assert answer.text == body
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.mimetype == "text/javascript"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_an_asset_is_cached_for_a_year(app: Flask, built: Path) -> None:
    answer = app.test_client().get("/assets/font-abc.woff2", buffered=True)
    assert answer.mimetype == "font/woff2"
    assert answer.cache_control.immutable
    assert answer.cache_control.max_age == 31_536_000


@pytest.mark.parametrize(
    "name", ["../index.html", "index-abc.js.br", "nothing.js", "%2e%2e/index.html", "..", "%00", "a" * 300]
)
def test_only_files_of_the_build_are_served(app: Flask, built: Path, name: str) -> None:
    assert app.test_client().get(f"/assets/{name}").status_code == 404


def test_a_build_that_is_made_while_the_server_runs_serves_its_files_beside_the_earlier_ones(
    app: Flask, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_page(built)
    monkeypatch.setattr(pages, "built_page", lambda: before)
    (built / "assets" / "index-new.js").write_text("new")
    assert app.test_client().get("/assets/index-new.js", buffered=True).text == "new"
    assert app.test_client().get("/assets/index-abc.js", buffered=True).text == "plain"


def test_without_a_build_the_server_says_how_to_make_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "built_page", lambda: BuiltPage(None))
    answer = app.test_client().get("/")
    assert answer.status_code == 503
    assert "npm run build" in answer.text


def _config(document: str) -> dict[str, Any]:
    found = re.search(r'name="chatapp" content="([^"]*)"', document)
    assert found
    config: dict[str, Any] = json.loads(unescape(found[1]))
    return config
