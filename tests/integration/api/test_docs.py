"""The documentation that the server shows of itself."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient


def test_the_page_and_all_it_loads_come_from_here(anyone: FlaskClient) -> None:
    page = anyone.get("/docs", buffered=True).text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(links) >= 4
    for link in links:
        assert link.startswith("/")
        assert anyone.get(link, buffered=True).status_code == 200
    assert not re.search(r"<script>|<style>| on\w+=", page), "the content security policy forbids it"


@pytest.mark.parametrize("name", ["index.html", "swagger-ui.js", "..%2f..%2fcli.py", "VERSION"])
def test_no_other_file_is_served(anyone: FlaskClient, name: str) -> None:
    assert anyone.get(f"/docs/{name}").status_code == 404


def test_the_document_is_fetched_again_only_when_it_has_changed(anyone: FlaskClient) -> None:
    first = anyone.get("/openapi.json")

    again = anyone.get("/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert first.status_code == 200
    assert again.status_code == 304
    assert first.headers["Cache-Control"] == "no-cache"


def test_pages_and_files_set_no_cookie(alice: FlaskClient) -> None:
    for path in ("/docs", "/docs/swagger-ui.css", "/openapi.json", "/healthz"):
        answer = alice.get(path, buffered=True)
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
