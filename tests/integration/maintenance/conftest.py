"""A conversation that is worth a backup, and a backup of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatapp.maintenance.backup import back_up_to
from chatapp.models.chat_models import Feedback
from tests.integration.maintenance.contents import Documents, quiet
from tests.support.api import make_app, sign_up
from tests.support.history import Book, open_book


@pytest.fixture
def book(database: Documents) -> Book:
    """A long conversation of somebody with others, on a database as the application uses it."""
    app = make_app(database)
    sign_up(app, "alice").post("/api/conversations/", json={"title": "short"})
    book = open_book(database)
    said = [book.say(f"message {number}").id for number in range(230)]
    book.say("edited", parent_id=said[20])
    book.marks.annotate(*book.key, said[30], {"feedback": Feedback.UP})
    return book


@pytest.fixture
def file(book: Book, tmp_path: Path) -> Path:
    path = tmp_path / "chatapp.gz"
    back_up_to(path, book.database, quiet)
    return path
