"""What a database holds, and what a check says of it."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chatapp.maintenance.check import Check
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from tests.support.history import Book

Documents = Database[dict[str, Any]]


def quiet(_collection: str, _done: int, _total: int) -> None:
    """No progress is shown."""


def contents(database: Documents) -> dict[str, list[dict[str, Any]]]:
    names = set(database.list_collection_names()) - {"meta", "attempts", "system.profile"}
    return {name: sorted(database[name].find(), key=lambda one: str(one["_id"])) for name in sorted(names)}


def restored(book: Book, database: Documents) -> Book:
    """The same conversation in another database."""
    return Book(
        database, book.user_id, book.conversation_id, ConversationRepository(database), MessageRepository(database)
    )


def findings(database: Documents) -> list[str]:
    lines: list[str] = []
    Check(database, lines.append).run()
    return lines
