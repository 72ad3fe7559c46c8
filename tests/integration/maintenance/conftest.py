"""A conversation that is worth a backup, and a backup of it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from chatapp.database.migrations import upgrade
from chatapp.maintenance.backup import back_up_to
from chatapp.models.chat_models import Feedback
from tests.integration.maintenance.contents import Documents, quiet
from tests.support.api import make_app, sign_up
from tests.support.history import Book, open_book


def long_book(database: Documents) -> Book:
    """A long conversation of somebody with others, on a database as the application uses it."""
    app = make_app(database)
    sign_up(app, "alice").post("/api/conversations/", json={"title": "short"})
    book = open_book(database)
    said = [book.say(f"message {number}").id for number in range(230)]
    book.say("edited", parent_id=said[20])
    book.marks.annotate(*book.key, said[30], {"feedback": Feedback.UP})
    return book


@pytest.fixture
def book(database: Documents) -> Book:
    return long_book(database)


@pytest.fixture(scope="package")
def backed_up(mongo_client: MongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of such a database, made once: many messages take their time."""
    database = mongo_client[f"chatapp_backed_up_{os.getpid()}"]
    upgrade(database)
    path = tmp_path_factory.mktemp("backup") / "chatapp.gz"
    back_up_to(path, long_book(database).database, quiet)
    mongo_client.drop_database(database)
    return path


@pytest.fixture
def file(backed_up: Path, tmp_path: Path) -> Path:
    """A copy of it, to do with as one likes."""
    return Path(shutil.copy(backed_up, tmp_path))
