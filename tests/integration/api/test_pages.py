"""The page is served: its documents never from a cache, its files for ever from one."""

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
INDEX = """<html><head><meta name="chatapp" content="" /><script src="/assets/index-abc.js"></script></head>
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
def test_every_address_of_the_page_answers_with_the_document(app: Flask, built: Path, path: str) -> None:
    answer = app.test_client().get(path, headers=HTML)
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert "script-src 'self';" in answer.headers["Content-Security-Policy"]


def test_an_address_that_leads_nowhere_is_404_in_the_pages_own_words(app: Flask, built: Path) -> None:
    answer = app.test_client().get("/no/such/page", headers=HTML)
    assert answer.status_code == 404
    assert 'name="chatapp"' in answer.text


def test_programs_get_json_where_there_is_nothing(app: Flask, built: Path) -> None:
    assert app.test_client().get("/api/nothing", headers=HTML).get_json()["code"] == 404
    assert app.test_client().post("/no/such/page").get_json()["code"] == 404


def test_the_document_says_whether_anybody_may_be_signed_in(app: Flask, built: Path) -> None:
    assert _config(app.test_client().get("/").text) == {
        "maxMessageChars": 100_000,
        "registrationOpen": True,
        "canContinue": any(rule.rule.endswith("/continue") for rule in app.url_map.iter_rules()),
        "user": None,
    }
    alice = sign_up(app, "alice")
    assert _config(alice.get("/").text)["user"] == alice.get("/api/auth/me").get_json()


def test_whose_sign_in_has_ended_is_nobody(app: Flask, built: Path) -> None:
    alice = sign_up(app, "alice")
    sign_in(app, "alice").delete("/api/auth/sessions")
    document = alice.get("/").text
    assert _config(document)["user"] is None
    assert "modulepreload" not in document


def test_while_mongodb_is_away_the_page_asks_for_itself(
    app: Flask, built: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_token: str) -> None:
        raise AutoReconnect("connection closed")

    alice = sign_up(app, "alice")
    monkeypatch.setattr(app.extensions["chatapp"].accounts, "signed_in", away)
    document = alice.get("/")
    assert document.status_code == 200
    assert "user" not in _config(document.text)


def test_the_frame_is_there_before_its_programs_for_those_who_are_signed_in(app: Flask, built: Path) -> None:
    (built / "shell.html").write_text("<div>frame</div>")
    assert "<div>frame</div>" in sign_up(app, "alice").get("/").text
    assert "<div>frame</div>" not in app.test_client().get("/login").text


@pytest.mark.parametrize(("path", "status"), [("/no/such/page", 404), ("/login", 200)])
def test_a_page_that_has_no_frame_is_not_shown_in_one(app: Flask, built: Path, path: str, status: int) -> None:
    (built / "shell.html").write_text("<div>frame</div>")
    document = sign_up(app, "alice").get(path, headers=HTML)
    assert document.status_code == status
    assert "<div>frame</div>" not in document.text
    assert "modulepreload" not in document.text


@pytest.mark.parametrize(
    ("path", "modules"),
    [
        ("/", ["SignedIn-abc.js", "shared-abc.js", "ChatPage-abc.js"]),
        ("/c/0123456789abcdef01234567", ["SignedIn-abc.js", "shared-abc.js", "ChatPage-abc.js", "Thread-abc.js"]),
        ("/settings", ["SignedIn-abc.js", "shared-abc.js", "Settings-abc.js"]),
    ],
)
def test_the_document_names_what_a_signed_in_person_needs_next_each_once(
    app: Flask, built: Path, path: str, modules: list[str]
) -> None:
    document = sign_up(app, "alice").get(path).text
    assert re.findall(r'modulepreload" fetchpriority="low" crossorigin href="/assets/([^"]+)"', document) == modules


def test_a_strangers_document_names_the_font_of_its_title_and_no_program(app: Flask, built: Path) -> None:
    document = app.test_client().get("/login").text
    assert "font-abc.woff2" in document
    assert "modulepreload" not in document


def test_a_document_that_has_not_changed_is_not_sent_again(app: Flask, built: Path) -> None:
    client = app.test_client()
    tag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize(
    ("accepted", "coding", "body"), [("gzip, br", "br", "brotli"), ("gzip", "gzip", "gzip"), ("", None, "plain")]
)
def test_a_file_is_sent_as_the_browser_can_read_it(
    app: Flask, built: Path, accepted: str, coding: str | None, body: str
) -> None:
    answer = app.test_client().get("/assets/index-abc.js", headers={"Accept-Encoding": accepted}, buffered=True)
    assert answer.text == body
    assert answer.headers.get("Content-Encoding") == coding
    assert answer.mimetype == "text/javascript"
    assert "Accept-Encoding" in answer.headers["Vary"]


def test_a_file_whose_name_tells_its_content_is_kept_for_a_year(app: Flask, built: Path) -> None:
    answer = app.test_client().get("/assets/font-abc.woff2", buffered=True)
    assert answer.mimetype == "font/woff2"
    assert answer.cache_control.immutable
    assert answer.cache_control.max_age == 31_536_000


@pytest.mark.parametrize("name", ["../index.html", "index-abc.js.br", "nothing.js", "%2e%2e/index.html"])
def test_nothing_but_the_files_of_the_build_is_served(app: Flask, built: Path, name: str) -> None:
    assert app.test_client().get(f"/assets/{name}").status_code == 404


def test_without_a_build_the_page_says_how_to_make_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "built_page", lambda: BuiltPage(None, {}))
    answer = app.test_client().get("/")
    assert answer.status_code == 503
    assert "npm run build" in answer.text


def _config(document: str) -> dict[str, Any]:
    found = re.search(r'name="chatapp" content="([^"]*)"', document)
    assert found
    config: dict[str, Any] = json.loads(unescape(found[1]))
    return config
