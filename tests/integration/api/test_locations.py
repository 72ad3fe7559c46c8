"""Whatever is created says where it can be read."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.answers import body
from tests.support.api import PASSWORD


def read(client: FlaskClient, created: TestResponse) -> TestResponse:
    """What is at the address that the answer names."""
    assert created.status_code == 201, created.text
    location = created.headers["Location"]
    assert location.startswith("/api/"), "a path, whatever host a proxy is asked for"
    found = client.get(location)
    assert found.status_code == 200, location
    return found


def test_an_account(app: Flask) -> None:
    client = app.test_client()
    registered = client.post("/api/auth/register", json={"email": "ada@example.org", "password": PASSWORD})

    assert body(read(client, registered)) == body(registered)


@pytest.mark.parametrize("sent", [{}, {"idempotencyKey": "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"}])
def test_a_conversation_and_a_message_in_it(alice: FlaskClient, sent: dict[str, str]) -> None:
    alice.post("/api/conversations", json=sent)
    conversation = alice.post("/api/conversations", json=sent)
    message = alice.post(f"{conversation.headers['Location']}/messages", json={"content": "hello"})

    assert body(read(alice, message)) == body(message)
    assert body(read(alice, conversation))["id"] == body(conversation)["id"]


def test_a_chat_session(alice: FlaskClient) -> None:
    session = alice.post("/api/chat/start")

    assert body(read(alice, session)) == {"items": [], "nextCursor": None, "previousCursor": None}


def test_behind_a_path_of_a_proxy(alice: FlaskClient) -> None:
    created = alice.post("/api/conversations", environ_overrides={"SCRIPT_NAME": "/chat"})

    assert created.headers["Location"] == f"/chat/api/conversations/{body(created)['id']}"
