"""Beginning and listing conversations through the API."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from tests.support.answers import body

CONVERSATIONS = "/api/conversations/"


def begin(client: FlaskClient, **fields: Any) -> dict[str, Any]:
    answer = client.post(CONVERSATIONS, json=fields)
    assert answer.status_code == 201, answer.text
    return dict(body(answer))


def titles(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"{CONVERSATIONS}?{query}")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in body(answer)["items"]]
