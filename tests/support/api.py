"""The application in this process, and people who use it."""

from __future__ import annotations

import tempfile
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp import create_app
from chatapp.container import build_container
from chatapp.services.passwords import Passwords
from config.settings import load_settings
from tests.support.conformity import ConformingClient

PASSWORD = "correct horse battery staple"
FAST_PASSWORDS = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def make_app(database: Database[dict[str, Any]], **environ: str) -> Flask:
    """The application on ``database``. ``environ`` holds variables as the server would be given them."""
    settings = load_settings(
        {
            "CHATAPP_DATA_DIR": tempfile.gettempdir(),
            "CHATAPP_RATE_LIMITS": "off",
            "SECRET_KEY": "only-for-tests",
            "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
            **environ,
        }
    )
    app = create_app(parts=build_container(settings, database, passwords=FAST_PASSWORDS))
    app.test_client_class = ConformingClient
    return app


def sign_up(app: Flask, name: str) -> FlaskClient:
    """Somebody new who is signed in, at ``name@example.org``."""
    client = app.test_client()
    answer = client.post(
        "/api/auth/register", json={"email": f"{name}@example.org", "password": PASSWORD, "name": name.capitalize()}
    )
    assert answer.status_code == 201, answer.text
    return client


def sign_in(app: Flask, name: str, *, remember: bool = False) -> FlaskClient:
    """Another device of somebody who signed up before."""
    client = app.test_client()
    answer = client.post(
        "/api/auth/login", json={"email": f"{name}@example.org", "password": PASSWORD, "remember": remember}
    )
    assert answer.status_code == 200, answer.text
    return client
