"""Schemathesis: what the OpenAPI document promises holds for inputs that no one thought of.

Bounded and seeded, against two real workers and the fake provider. Half of the calls are about things that exist.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, seed, settings
from schemathesis import Case
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import positive_data_acceptance

from chatapp.models.reasons import FaultReason
from tests.support.conformity import document_of_the_code
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

ENDLESS = r"^/api/events$"
SIGNING_IN = r"^/api/auth/(register|login|logout|password)$"
SIGNING_OTHERS_OUT = "/api/auth/sessions"
PASSWORD = "correct horse battery staple"

ABOUT_WHAT_IS_THERE = {
    FaultReason.EMAIL_TAKEN,
    FaultReason.INVALID_CURSOR,
    FaultReason.NOT_AN_ANSWER,
    FaultReason.NOT_CUT_OFF,
    FaultReason.NOT_IN_CONVERSATION,
    FaultReason.OTHER_ROLE,
    FaultReason.UNCHANGED,
    FaultReason.UNKNOWN_MODEL,
    FaultReason.WRONG_PASSWORD,
}
"""Why a request that is valid by its schema may be refused all the same."""

# Who calls is settled by the test; the isolation test leaves the cookie out.
CONFIG = schemathesis.Config.from_dict(
    {
        "generation": {"with-security-parameters": False},
        "checks": {
            "negative_data_rejection": {"expected-statuses": ["400", "401", "403", "404", "405", "413", "414", "422"]}
        },
    }
)
DOCUMENTED = schemathesis.openapi.from_dict(document_of_the_code(), config=CONFIG)
EVERYTHING = (
    DOCUMENTED.exclude(path_regex=ENDLESS)
    .exclude(path_regex=SIGNING_IN)
    .exclude(method="DELETE", path=SIGNING_OTHERS_OUT)
)

some = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))
turn = itertools.count()


@pytest.fixture(scope="module")
def server(mongodb_uri: str) -> Iterator[ServerProcess]:
    name = f"chatapp_fuzz_{secrets.token_hex(4)}"
    with FakeProvider() as provider:
        environ = {"MONGODB_URI": mongodb_uri, "MONGODB_DB": name, "OPENAI_BASE_URL": provider.base_url}
        with ServerProcess({**environ, "OPENAI_API_KEY": "x", "CHATAPP_MODELS": "normal:tokens=2:gap=0"}) as running:
            yield running


@pytest.fixture(scope="module")
def alice(server: ServerProcess) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=server.base_url, timeout=30) as client:
        body = {"email": f"{secrets.token_hex(4)}@example.org", "password": PASSWORD}
        assert client.post("/api/auth/register", json=body).status_code == 201
        yield client


@pytest.fixture(scope="module")
def things(alice: httpx2.Client) -> dict[str, str]:
    """Ids of what Alice has, by their names in paths."""
    session: dict[str, str] = alice.post("/api/chat/start", json={}).json()
    path = f"/api/conversations/{session['conversationId']}/messages"
    message = alice.post(path, json={"content": "Hello"}).json()
    project = alice.post("/api/projects", json={"name": "Physics"}).json()
    alice.post("/api/conversations/", json={"tags": ["physics"]}).raise_for_status()
    return {**session, "messageId": message["id"], "projectId": project["id"], "tagName": "physics"}


@EVERYTHING.parametrize()
@seed(20260101)
@some
def test_what_the_document_promises_holds(
    case: Case[Any], server: ServerProcess, alice: httpx2.Client, things: dict[str, str]
) -> None:
    if _is_valid(case, ParameterLocation.PATH) and next(turn) % 2:
        for name in case.path_parameters.keys() & things.keys():
            case.path_parameters[name] = things[name]
    _call(case, server, cookies=dict(alice.cookies))


@DOCUMENTED.include(path_regex=SIGNING_IN).parametrize()
@seed(20260102)
@some
def test_it_holds_for_those_who_are_not_signed_in(case: Case[Any], server: ServerProcess) -> None:
    _call(case, server)


def test_nothing_unexpected_happened(server: ServerProcess, things: dict[str, str]) -> None:
    """Runs last: a fault of ours is in the log, whatever the caller was told."""
    assert "Traceback" not in server.logs
    assert "Unexpected error" not in server.logs


def _call(case: Case[Any], server: ServerProcess, **options: Any) -> None:
    case.headers.pop("Chatapp-User", None)  # no random text is the id of who calls
    response = case.call(base_url=server.base_url, **options)
    case.validate_response(response, excluded_checks=_does_not_apply(response))


def _is_valid(case: Case[Any], place: ParameterLocation) -> bool:
    """Whether this part of the request was made to be valid."""
    component = case.meta.components.get(place) if case.meta else None
    return component is not None and component.mode.is_positive


def _does_not_apply(response: schemathesis.Response) -> list[Any]:
    """A refusal for what there is, not for how the request looks, says nothing about the schema."""
    if response.request.headers.get("If-Match"):  # schemathesis makes none that could be right
        return [positive_data_acceptance]
    if response.status_code != HTTPStatus.UNPROCESSABLE_ENTITY:
        return []
    reasons = {fault["reason"] for fault in response.json()["faults"]}
    return [positive_data_acceptance] if reasons <= ABOUT_WHAT_IS_THERE else []
