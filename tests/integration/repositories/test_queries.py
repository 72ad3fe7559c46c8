"""Queries read their index, and no more documents than they give."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.repositories.conversation_repository import ConversationRepository
from tests.support.history import open_book

PROJECT = str(ObjectId())


class Profile:
    """What the server did, by its own profiler."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._database = database

    def __enter__(self) -> Profile:
        self._database.command({"profile": 0})
        self._database["system.profile"].drop()
        self._database.command({"profile": 2})
        return self

    def __exit__(self, *_: object) -> None:
        self._database.command({"profile": 0})

    def operations(self, collection: str) -> list[dict[str, Any]]:
        query = {"ns": f"{self._database.name}.{collection}", "op": {"$in": ["query", "update", "remove", "command"]}}
        found = list(self._database["system.profile"].find(query))
        assert found, f"nothing was asked of {collection}"
        return found


@pytest.fixture
def user_id(database: Database[dict[str, Any]]) -> str:
    """Somebody with 60 conversations in the list, 20 archived, 20 in the trash, and 20 temporary ones.

    Each was used in a millisecond of its own: of those in the same one, a page reads those before its place as well.
    """
    conversations = ConversationRepository(database)
    user_id = str(ObjectId())
    for number in range(120):
        made = conversations.create(
            user_id, title=str(number), tags=("rare",) if number < 5 else (), temporary=number >= 100
        )
        if number % 2:
            conversations.update(user_id, made.id, {"project_id": PROJECT})
        if 60 <= number < 80:
            conversations.update(user_id, made.id, {"archived": True})
        if 80 <= number < 100:
            conversations.trash(user_id, made.id)
        if number % 20 == 0 and number < 80:
            conversations.update(user_id, made.id, {"pinned": True})
        used_at = made.updated_at + timedelta(seconds=number)
        database["conversations"].update_one({"_id": ObjectId(made.id)}, {"$set": {"updatedAt": used_at}})
    return user_id


def test_what_somebody_is_told_of_a_conversation_is_held_by_a_majority(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    with Profile(database) as profile:
        book.messages.page(book.user_id, book.conversation_id, limit=10)
    (read,) = profile.operations("conversations")
    assert read["command"]["readConcern"]["level"] == "majority"


@pytest.mark.parametrize(
    ("chosen", "index", "count"),
    [
        ({"archived": False}, "listed", 60),
        ({"archived": True}, "listed", 20),
        ({"archived": False, "tag": "rare"}, "listed_by_tag", 5),
        ({"trashed": True}, "trashed", 20),
        ({"archived": False, "project_id": PROJECT}, "listed_by_project", 30),
    ],
)
def test_a_list_is_read_in_the_order_of_its_index(
    database: Database[dict[str, Any]], user_id: str, chosen: dict[str, Any], index: str, count: int
) -> None:
    conversations = ConversationRepository(database)
    seen: list[str] = []
    cursor = None
    with Profile(database) as profile:
        while True:
            page = conversations.list(user_id, limit=7, cursor=cursor, **chosen)
            seen += [item.id for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break

    assert len(seen) == len(set(seen)) == count
    for operation in profile.operations("conversations"):
        assert operation["planSummary"].startswith("IXSCAN")
        assert not operation.get("hasSortStage")
        assert operation["docsExamined"] <= 9
    plan = database["conversations"].find(operation["command"]["filter"]).sort(operation["command"]["sort"]).explain()
    assert index in str(plan["queryPlanner"]["winningPlan"])


def test_the_conversations_of_projects_are_counted_in_the_index_alone(
    database: Database[dict[str, Any]], user_id: str
) -> None:
    with Profile(database) as profile:
        assert ConversationRepository(database).counts_by_project(user_id) == {PROJECT: 30}

    (counted,) = profile.operations("conversations")
    assert counted["docsExamined"] == 0


def test_no_operation_on_a_long_conversation_scans(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    for _ in range(60):
        open_book(database)
    said = [book.say(str(number)).id for number in range(220)]

    with Profile(database) as profile:
        book.say()
        book.say("0", message_id=said[0])
        book.messages.page(*book.key, limit=50)
        book.messages.tree(*book.key, limit=10)
        book.messages.find(*book.key, said[10])
        book.marks.annotate(*book.key, said[10], {"feedback": None})
        book.marks.star(*book.key, said[10], True)
        book.marks.stars(book.user_id, limit=1)
        book.conversations.turns.running()
        book.conversations.housekeeping()

    for collection in ("conversations", "message_pages"):
        for operation in profile.operations(collection):
            assert "COLLSCAN" not in operation.get("planSummary", ""), operation["command"]
            assert operation.get("docsExamined", 0) <= 2, operation["command"]


def test_the_newest_page_of_a_long_conversation_is_one_read(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    for _ in range(220):
        book.say()

    with Profile(database) as profile:
        assert len(book.messages.page(*book.key, limit=50).items) == 50

    assert len(profile.operations("conversations")) == 1
    with pytest.raises(AssertionError):
        profile.operations("message_pages")
