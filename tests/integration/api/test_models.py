from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.api import make_app, sign_in, sign_up
from tests.support.provider import FakeProvider


@pytest.fixture(scope="module")
def provider() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        provider.control(models=[{"id": "small", "max_model_len": 8192}, {"id": "large"}])
        yield provider


@pytest.fixture
def app(database: Database[dict[str, Any]], provider: FakeProvider) -> Flask:
    return make_app(database, OPENAI_BASE_URL=provider.base_url)


def test_the_providers_models_are_listed_with_the_default(alice: FlaskClient) -> None:
    assert alice.get("/api/models").get_json() == {
        "items": [{"id": "small", "contextTokens": 8192}, {"id": "large"}],
        "default": "small",
    }


def test_the_settings_say_what_may_be_chosen(database: Database[dict[str, Any]], provider: FakeProvider) -> None:
    app = make_app(database, OPENAI_BASE_URL=provider.base_url, CHATAPP_MODELS="large,small")

    models = sign_up(app, "bob").get("/api/models").get_json()

    assert ([model["id"] for model in models["items"]], models["default"]) == (["large", "small"], "large")


def test_a_provider_that_is_away_leaves_an_empty_list(database: Database[dict[str, Any]]) -> None:
    bob = sign_up(make_app(database), "bob")

    answer = bob.get("/api/models")

    assert (answer.status_code, answer.get_json()) == (200, {"items": [], "default": None})


def test_only_who_is_signed_in_sees_them(anyone: FlaskClient) -> None:
    assert anyone.get("/api/models").status_code == 401


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/conversations/"), ("POST", "/api/chat/start"), ("PATCH", "own")]
)
def test_a_model_that_nobody_has_is_refused_by_its_field(alice: FlaskClient, method: str, path: str) -> None:
    if path == "own":
        path = "/api/conversations/" + alice.post("/api/conversations/", json={}).get_json()["id"]

    answer = alice.open(path, method=method, json={"model": "huge"})

    assert answer.status_code == 422
    assert list(answer.get_json()["errors"]["json"]) == ["model"]


def test_a_conversation_that_a_key_has_made_is_given_though_its_model_is_gone(
    database: Database[dict[str, Any]], provider: FakeProvider
) -> None:
    environ = {"OPENAI_BASE_URL": provider.base_url}
    bob = sign_up(make_app(database, CHATAPP_MODELS="old", **environ), "bob")
    begin = {"model": "old", "idempotencyKey": "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"}
    made = bob.post("/api/conversations/", json=begin).get_json()
    bob = sign_in(make_app(database, CHATAPP_MODELS="new", **environ), "bob")

    assert bob.post("/api/conversations/", json=begin).get_json() == made
    assert bob.post("/api/conversations/", json={"model": "old"}).status_code == 422


def test_a_model_that_is_there_may_be_chosen(alice: FlaskClient) -> None:
    answer = alice.post("/api/conversations/", json={"model": "large"})

    assert (answer.status_code, answer.get_json()["model"]) == (201, "large")
