"""The application in this process on a real MongoDB, the people of every access test, and a conversation."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pymongo.database import Database

from tests.support.api import make_app, sign_up
from tests.support.history import Book, open_book


@pytest.fixture
def app(database: Database[dict[str, Any]]) -> Flask:
    return make_app(database)


@pytest.fixture
def anyone(app: Flask) -> FlaskClient:
    """Nobody is signed in here."""
    return app.test_client()


@pytest.fixture
def alice(app: Flask) -> FlaskClient:
    return sign_up(app, "alice")


@pytest.fixture
def bob(app: Flask) -> FlaskClient:
    return sign_up(app, "bob")


@pytest.fixture
def charlie(app: Flask) -> FlaskClient:
    """The outsider, with an account and nothing else."""
    return sign_up(app, "charlie")


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    """A new conversation, and the repositories on it."""
    return open_book(database)
