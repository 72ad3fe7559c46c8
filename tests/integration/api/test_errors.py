"""Every error under /api has one form, and says what a caller needs and no more."""

from __future__ import annotations

import gzip
import logging
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import AutoReconnect, NotPrimaryError, OperationFailure, WriteError
from werkzeug.test import TestResponse

from tests.support.api import make_app

Documents = Database[dict[str, Any]]
SECRET = "what somebody wrote"


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/nothing", "/api/auth/nothing", "/api/%00", "/api/../x"])
def test_an_unknown_path_is_404_in_json(anyone: FlaskClient, path: str) -> None:
    answer = anyone.get(path, headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert answer.json == {
        "code": 404,
        "status": "Not Found",
        "message": "There is nothing here.",
        "reason": "not_found",
    }


def test_another_method_is_405_and_says_which_are_allowed(anyone: FlaskClient) -> None:
    answer = anyone.put("/api/auth/login")

    assert answer.status_code == 405
    assert answer.json is not None
    assert (answer.json["code"], answer.json["reason"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"POST", "OPTIONS"}


@pytest.mark.parametrize("path", ["/api/conversations", "/api/conversations/", "/api/auth/me/"])
def test_another_method_is_405_with_a_slash_and_without(alice: FlaskClient, path: str) -> None:
    assert alice.put(path).status_code == 405


def test_a_body_that_is_not_json_is_415_whatever_it_says_it_is(anyone: FlaskClient) -> None:
    body = '{"email": "ada@example.org", "password": "12345678"}'
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", None):
        answer = anyone.post("/api/auth/login", data=body, content_type=content_type)
        assert answer.status_code == 415, content_type
        assert answer.json is not None
        assert (answer.json["code"], answer.json["reason"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize("content_type", ["application/json", "application/json; charset=utf-8", "application/x+json"])
def test_json_is_taken_by_any_of_its_names(anyone: FlaskClient, content_type: str) -> None:
    body = '{"email": "ada@example.org", "password": "12345678"}'
    assert anyone.post("/api/auth/register", data=body, content_type=content_type).status_code == 201


def test_broken_json_is_400(anyone: FlaskClient) -> None:
    answer = anyone.post("/api/auth/login", data='{"email": ', content_type="application/json")

    assert answer.status_code == 400
    assert answer.json == {
        "code": 400,
        "status": "Bad Request",
        "message": "The body is not valid JSON.",
        "reason": "malformed_json",
    }


@pytest.mark.parametrize("body", ["[]", "null", '"text"', "1", "[{}]"])
def test_a_body_that_is_no_object_is_422(anyone: FlaskClient, body: str) -> None:
    answer = anyone.post("/api/auth/login", data=body, content_type="application/json")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["faults"] == [{"field": "", "reason": "wrong_type"}]


def test_no_body_at_all_names_the_fields_that_are_missing(anyone: FlaskClient) -> None:
    answer = anyone.post("/api/auth/login")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["errors"]["json"].keys() == {"email", "password"}
    assert answer.json["faults"] == [
        {"field": "email", "reason": "required"},
        {"field": "password", "reason": "required"},
    ]


def test_a_stranger_may_send_16_kb_and_whoever_is_signed_in_a_whole_message(
    anyone: FlaskClient, alice: FlaskClient
) -> None:
    def send(client: FlaskClient, path: str, size: int) -> tuple[int, str]:
        body = b"{}" + b" " * (size - 2)
        answer = client.post(path, data=body, content_type="application/json")
        return answer.status_code, (answer.json or {}).get("reason", "")

    for path in ("/api/auth/login", "/api/auth/register"):
        assert send(anyone, path, 16_384) == (422, "invalid_input")
        assert send(anyone, path, 16_385) == (413, "body_too_large")
        assert send(alice, path, 16_385) == (413, "body_too_large")
    assert send(anyone, "/api/conversations", 16_385) == (401, "not_signed_in")
    most: int = alice.application.config["MAX_SIGNED_IN_BYTES"]
    assert send(alice, "/api/conversations", most)[0] == 201
    assert send(alice, "/api/conversations", most + 1) == (413, "body_too_large")


def test_a_body_that_comes_in_chunks_is_413_over_the_limit_as_well(database: Documents) -> None:
    app = make_app(database)
    most: int = app.config["MAX_CONTENT_LENGTH"]

    answers = [_send_in_chunks(app, b"{}" + b" " * blanks) for blanks in (most // 2, most, 2 * most)]

    assert [answer.status_code for answer in answers] == [422, 413, 413]


def test_a_compressed_body_is_415(anyone: FlaskClient) -> None:
    body = gzip.compress(b'{"email": "ada@example.org", "password": "12345678"}')

    answer = anyone.post(
        "/api/auth/register", data=body, content_type="application/json", headers={"Content-Encoding": "gzip"}
    )

    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/api//auth/me", "/api/auth//me", "/api/conversations//messages"])
def test_an_empty_part_of_a_path_is_404_and_no_redirect(alice: FlaskClient, path: str) -> None:
    assert alice.get(path).status_code == 404


def test_what_mongodb_says_of_a_document_does_not_get_into_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    @app.get("/api/broken")
    def broken() -> str:
        raise WriteError("Document failed validation", 121, {"errInfo": {"consideredValue": SECRET}})

    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/api/broken")

    assert answer.status_code == 500
    assert SECRET not in caplog.text
    assert "WriteError, code 121" in caplog.text


def test_an_unexpected_error_names_the_request_and_nothing_else(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    @app.get("/api/broken")
    def broken() -> str:
        raise RuntimeError("the secret")

    with caplog.at_level(logging.ERROR):
        answer = app.test_client().get("/api/broken")

    assert answer.status_code == 500
    assert answer.json is not None
    assert answer.json.keys() == {"code", "status", "message", "reason", "requestId"}
    assert answer.json["reason"] == "internal"
    assert answer.json["requestId"] == answer.headers["X-Request-Id"]
    assert "secret" not in answer.text
    assert answer.json["requestId"] in caplog.text


def test_a_parameter_that_is_given_twice_counts_neither_time(alice: FlaskClient) -> None:
    conversation = alice.post("/api/conversations/", json={}).get_json()

    answer = alice.delete(f"/api/conversations/{conversation['id']}?permanent=true&permanent=false")

    assert answer.status_code == 422
    assert answer.get_json()["errors"] == {"query": {"permanent": ["This is given more than once."]}}
    assert answer.get_json()["faults"] == [{"field": "permanent", "reason": "duplicate"}]
    assert alice.get(f"/api/conversations/{conversation['id']}").get_json()["trashedAt"] is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (AutoReconnect("connection closed"), 503),
        (NotPrimaryError("not primary"), 503),
        (OperationFailure("out of time", code=50), 503),
        (OperationFailure("shutting down", code=11600, details={"errorLabels": ["RetryableWriteError"]}), 503),
        (OperationFailure("no such operator", code=2), 500),
    ],
    ids=str,
)
def test_mongodb_being_away_is_503_and_a_wrong_command_is_our_fault(app: Flask, error: Exception, status: int) -> None:
    @app.get("/api/broken")
    def broken() -> str:
        raise error

    answer = app.test_client().get("/api/broken")

    assert answer.status_code == status
    assert (answer.headers.get("Retry-After") is not None) is (status == 503)
    assert answer.json is not None
    assert (answer.json["code"], answer.json["reason"]) == (
        status,
        "store_unavailable" if status == 503 else "internal",
    )


def test_without_mongodb_everything_is_503_with_retry_after_and_no_cookie_is_lost(
    app: Flask, alice: FlaskClient
) -> None:
    with MongoClient[dict[str, Any]]("mongodb://127.0.0.1:9/", serverSelectionTimeoutMS=50) as nowhere:
        down = make_app(nowhere["chatapp"])
        client = down.test_client()
        cookie = alice.get_cookie("chatapp_session")
        assert cookie is not None
        client.set_cookie("chatapp_session", cookie.value)
        login = {"email": "alice@example.org", "password": "12345678"}
        answers = [
            client.get("/api/auth/me"),
            client.post("/api/auth/login", json=login),
            client.post("/api/auth/logout"),
        ]
    for answer in answers:
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
        assert "Set-Cookie" not in answer.headers
    assert alice.get("/api/auth/me").status_code == 200


def test_a_page_that_is_not_there_is_said_in_the_form_that_is_asked_for(anyone: FlaskClient) -> None:
    page = anyone.get("/nothing", headers={"Accept": "text/html"})
    data = anyone.get("/nothing", headers={"Accept": "application/json"})

    assert page.status_code == data.status_code == 404
    assert page.mimetype == "text/html"
    assert data.json is not None


def test_every_answer_has_an_id_of_its_own(anyone: FlaskClient) -> None:
    paths = ("/healthz", "/healthz", "/api/nothing", "/docs")

    ids = {anyone.get(path, buffered=True).headers["X-Request-Id"] for path in paths}

    assert len(ids) == 4


@pytest.mark.parametrize("path", ["/api/conversations", "/api/conversations/", "/api/auth/me", "/api/auth/me/"])
def test_a_slash_at_the_end_changes_nothing(alice: FlaskClient, path: str) -> None:
    assert alice.get(path).status_code == 200


def _send_in_chunks(app: Flask, body: bytes) -> TestResponse:
    """As the server passes on a body whose length nobody has said."""
    chunks = {"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    return app.test_client().open(
        "/api/auth/login", method="POST", content_type="application/json", environ_overrides=chunks
    )
