"""JSON is compressed as the client asks for it; event streams never are."""

from __future__ import annotations

import gzip
import json
import sys
from typing import Any

import pytest
from flask import Flask, jsonify
from flask.testing import FlaskClient

from chatapp.api.sse import stream
from tests.support.answers import body

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DECODED = {"gzip": gzip.decompress, "zstd": zstd.decompress}


@pytest.fixture
def long(alice: FlaskClient) -> str:
    """The path of a page of messages that takes some kilobytes."""
    path = f"/api/conversations/{body(alice.post('/api/conversations/'))['id']}/messages"
    alice.post(path, json={"content": "All work and no play makes Jack a dull boy. " * 100})
    return path


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("zstd", "zstd"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("gzip, deflate", "gzip"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("gzip;q=0.5, zstd;q=0.2", "gzip"),
        ("gzip;q=0", None),
        ("zstd;q=0, *", "gzip"),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip", "gzip"),
        ("br, deflate", None),
        ("*;q=0", None),
    ],
)
def test_the_coding_follows_the_weights(
    alice: FlaskClient, long: str, accepted: str | None, coding: str | None
) -> None:
    plain = alice.get(long)
    answer = alice.get(long, headers={} if accepted is None else {"Accept-Encoding": accepted})

    assert answer.headers.get("Content-Encoding") == coding
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert (DECODED[coding](answer.data) if coding else answer.data) == plain.data
    assert answer.content_length == len(answer.data)
    if coding:
        assert len(answer.data) < len(plain.data) / 5


def test_short_json_stays_as_it_is(alice: FlaskClient) -> None:
    answer = alice.get("/api/auth/me", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in answer.headers


def test_each_coding_has_a_tag_of_its_own_and_each_counts_for_if_match(alice: FlaskClient, long: str) -> None:
    path = f"{long}/{body(alice.get(long))['items'][0]['id']}"
    tags = {
        coding: alice.get(path, headers={"Accept-Encoding": coding}).headers["ETag"]
        for coding in ("identity", "gzip", "zstd")
    }

    assert len(set(tags.values())) == 3
    for coding, tag in tags.items():
        known = {"Accept-Encoding": coding, "If-None-Match": tag}
        assert alice.get(path, headers=known).status_code == 304
        assert alice.get(path, headers=known).headers["ETag"] == tag
        changed = alice.patch(path, json={"feedback": None}, headers={"If-Match": tag})
        assert changed.status_code == 200
    assert alice.patch(path, json={"feedback": "up"}, headers={"If-Match": tags["gzip"]}).status_code == 200
    assert alice.patch(path, json={"feedback": None}, headers={"If-Match": tags["gzip"]}).status_code == 412


def test_the_head_of_an_answer_is_that_of_its_body(alice: FlaskClient, long: str) -> None:
    accepted = {"Accept-Encoding": "gzip"}
    whole, head = alice.get(long, headers=accepted), alice.head(long, headers=accepted)

    assert head.data == b""
    for name in ("Content-Encoding", "Content-Length", "Vary", "Content-Type"):
        assert head.headers[name] == whole.headers[name]


def test_errors_and_the_openapi_document_are_compressed_too(alice: FlaskClient, anyone: FlaskClient) -> None:
    accepted = {"Accept-Encoding": "gzip"}
    many_faults: dict[str, Any] = {"unknown" + "x" * number: 1 for number in range(60)}

    error = alice.post("/api/conversations/", json=many_faults, headers=accepted)
    document = anyone.get("/openapi.json", headers=accepted)

    assert (error.status_code, error.headers["Content-Encoding"]) == (422, "gzip")
    assert document.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(document.data))["openapi"].startswith("3.")
    again = anyone.get("/openapi.json", headers={**accepted, "If-None-Match": document.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_an_event_stream_is_never_compressed(app: Flask, alice: FlaskClient) -> None:
    cookie = alice.get_cookie("chatapp_session")
    assert cookie is not None
    signed_in = {"Cookie": f"{cookie.key}={cookie.value}"}
    with app.test_request_context(headers={**signed_in, "Accept-Encoding": "gzip, zstd"}):
        answer = app.process_response(stream(iter(["data: " + "x" * 5_000 + "\n\n"])))

    assert answer.mimetype == "text/event-stream"
    assert "Content-Encoding" not in answer.headers
    assert answer.is_streamed


def test_an_answer_that_holds_a_secret_can_ask_not_to_be_compressed(app: Flask) -> None:
    with app.test_request_context(headers={"Accept-Encoding": "gzip"}):
        secret = jsonify(token="x" * 5_000)
        secret.cache_control.no_transform = True

        assert "Content-Encoding" not in app.process_response(secret).headers
