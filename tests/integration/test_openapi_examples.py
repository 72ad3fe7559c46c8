"""What the documentation offers to try out works as it stands: only ids have to be those of things that are there."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.support.conformity import document_of_the_code
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

Node = dict[str, Any]

OPERATIONS = {
    (method, path): operation
    for path, item in document_of_the_code()["paths"].items()
    for method, operation in item.items()
    if "requestBody" in operation
}
BODIES = {
    call: operation["requestBody"]["content"]["application/json"]["example"] for call, operation in OPERATIONS.items()
}
HEADERS = {
    call: {one["name"]: one["example"] for one in operation.get("parameters", ()) if "example" in one}
    for call, operation in OPERATIONS.items()
}


@pytest.fixture(scope="module")
def ada(mongodb_uri: str) -> Iterator[httpx2.Client]:
    name = f"chatapp_examples_{secrets.token_hex(4)}"
    with FakeProvider() as provider:
        environ = {"MONGODB_URI": mongodb_uri, "MONGODB_DB": name, "OPENAI_BASE_URL": provider.base_url}
        with (
            ServerProcess({**environ, "OPENAI_API_KEY": "x", "CHATAPP_MODELS": "length:gap=0"}) as server,
            httpx2.Client(base_url=server.base_url, timeout=30) as client,
        ):
            client.post("/api/auth/register", json=BODIES["post", "/api/auth/register"]).raise_for_status()
            yield client


@pytest.fixture(scope="module")
def things(ada: httpx2.Client) -> dict[str, str]:
    """Ids of what Ada has, by their names in paths and bodies."""
    session: dict[str, str] = ada.post("/api/chat/start").json()
    turn = ada.post(f"/api/chat/{session['sessionId']}/message", json={"content": "Hello"}).json()
    project = ada.post("/api/projects", json={"name": "Physics"}).json()
    ada.post("/api/conversations/", json={"tags": ["physics"]}).raise_for_status()
    names = {"messageId": turn["assistantMessage"]["id"], "projectId": project["id"], "tagName": "physics"}
    return {**session, **names}


@pytest.mark.parametrize(("method", "path"), [call for call in BODIES if call[1] != "/api/auth/register"])
def test_the_example_of_a_request_is_accepted(
    ada: httpx2.Client, things: dict[str, str], method: str, path: str
) -> None:
    body = {name: things.get(name, value) for name, value in BODIES[method, path].items()}

    answer = ada.request(method, path.format(**things), json=body, headers=HEADERS[method, path])

    assert answer.status_code in (200, 201, 204), answer.text
