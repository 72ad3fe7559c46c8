"""Whatever is asked of MongoDB for a person names them: no id that slips through can reach what is another's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.models.chat_models import Feedback, Role
from chatapp.models.order_models import TagColor
from chatapp.models.search_models import SearchOrder
from chatapp.repositories.chat_session_repository import TOUCHED_EVERY, ChatSessionRepository
from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite
from chatapp.repositories.project_repository import ProjectRepository
from chatapp.repositories.search_repository import Found
from chatapp.repositories.search_shown import ShownRepository
from chatapp.repositories.sign_in_repository import SignInRepository
from chatapp.repositories.tag_repository import TagRepository
from tests.support.history import Book, generation, message, new_id, open_book, stored_log
from tests.support.queries import Queries
from tests.support.searching import search_in

Documents = Database[dict[str, Any]]

OWNED = {
    *("conversations", "message_pages", "generations", "chat_sessions"),
    *("search_entries", "projects", "tags", "sign_ins"),
}


@pytest.fixture
def queries() -> Queries:
    return Queries()


@pytest.fixture
def book(database: Documents, mongodb_uri: str, queries: Queries) -> Iterator[Book]:
    """A conversation on a connection whose queries are remembered."""
    with MongoClient[dict[str, Any]](mongodb_uri, tz_aware=True, event_listeners=[queries]) as client:
        yield open_book(client[database.name])


def conditions(command: dict[str, Any]) -> list[dict[str, Any]]:
    """What the documents have to match that a command reads, changes or deletes."""
    match next(iter(command)):
        case "find":
            return [command["filter"]]
        case "findAndModify":
            return [command["query"]]
        case "aggregate":
            return [command["pipeline"][0]["$match"]]
        case "update":
            return [one["q"] for one in command["updates"]]
        case "delete":
            return [one["q"] for one in command["deletes"]]
    return []


def name_owner(queries: Queries, owner: ObjectId) -> None:
    asked = [command for command in queries.commands if next(iter(command.values())) in OWNED]
    assert {next(iter(command.values())) for command in asked} == OWNED, "the test uses everything that is owned"
    for command in asked:
        for condition in conditions(command):
            assert condition.get("userId") in (owner, {"$in": [owner]}), command
    queries.commands.clear()


def test_every_query_for_a_person_names_them(book: Book, queries: Queries) -> None:
    owner = ObjectId(book.user_id)
    _talk(book)
    _follow(book)
    _tidy(book)
    _sign_in(book)

    name_owner(queries, owner)


def _talk(book: Book) -> None:
    """More than a window holds, with branches, a turn, feedback and stars; and everything is read."""
    said = [book.say(str(number)).id for number in range(105)]
    book.say("edited", parent_id=said[3])
    book.say("5", message_id=said[5], parent_id=said[4])
    leaf, shown = book.messages.choose(*book.key, said[4])
    book.conversations.update(*book.key, {"active_message_id": leaf}, shown=shown, only_if=lambda _: True)
    asked = message(book, "question", leaf)
    running = generation(asked.id)
    assert book.begin_turn(book.window(), asked, running)
    answer = message(book, "answer", asked.id, Role.ASSISTANT, id=running.message_id)
    assert book.conversations.turns.taken_slots(book.user_id) == {0}
    assert book.conversations.turns.holds(answer)
    assert book.conversations.turns.end(answer)
    for id_ in (said[0], answer.id):
        book.marks.annotate(*book.key, id_, {"feedback": Feedback.UP}, only_if=lambda _: True)
        book.marks.star(*book.key, id_, True)
    book.marks.stars(book.user_id, limit=1)
    book.messages.page_around(*book.key, said[2], limit=10)
    book.messages.tree(*book.key, limit=200)
    branch = list(book.messages.branch(book.window()))
    assert len(branch) == 107
    book.conversations.forks.make(book.window().conversation, branch[0].id, lambda: iter(branch))
    ShownRepository(book.database).read(
        book.user_id, [Found(ObjectId(), ObjectId(book.conversation_id), said[0], 1, whole=True)]
    )
    for query in ("the answer quest", "quest tag:work project:home is:starred", "quest in:trash"):
        search_in(book.database).search(book.user_id, query, sort=SearchOrder.BEST, limit=10, inside_words=False)


def _follow(book: Book) -> None:
    """The small document of an answer, and a client's handle on the conversation."""
    generations, sessions = GenerationRepository(book.database), ChatSessionRepository(book.database)
    answer_id = new_id()
    for first in (True, False):
        generations.write("worker", [GenerationWrite(answer_id, *book.key, first, Chunk(0, "text"))])
    generations.write("worker", [GenerationWrite(new_id(), *book.key, first=False)])
    generations.request_stop(*book.key, answer_id)
    assert generations.read(book.user_id, answer_id) is not None
    assert generations.tails([(book.user_id, answer_id)])
    generations.delete(book.user_id, answer_id)
    session = sessions.create(*book.key)
    stale = {"lastUsedAt": utc_now() - 2 * TOUCHED_EVERY}
    book.database["chat_sessions"].update_one({"userId": ObjectId(book.user_id)}, {"$set": stale})
    sessions.touch(sessions.get(book.user_id, session.id))


def _tidy(book: Book) -> None:
    """Projects, tags, lists, the trash, and deleting for good."""
    projects, tags = ProjectRepository(book.database), TagRepository(book.database)
    made = projects.create(book.user_id, "Harbour", None, None)
    projects.update(book.user_id, made.id, {"name": "Port"}, made)
    projects.list(book.user_id)
    conversations, key = book.conversations, book.key
    conversations.update(*key, {"project_id": made.id, "title": "Old"})
    conversations.list(book.user_id, limit=10, archived=False, project_id=made.id)
    conversations.counts_by_project(book.user_id)
    conversations.leave_project(book.user_id, made.id)
    projects.delete(book.user_id, made.id)
    conversations.add_tag(*key, "sea")
    tags.recolor(book.user_id, "sea", TagColor.BLUE)
    tags.check(book.user_id, "sea")
    tags.list(book.user_id)
    tags.rename(book.user_id, "sea", "ocean")
    tags.recolor(book.user_id, "ocean", None)
    tags.delete(book.user_id, "ocean")
    conversations.remove_tag(*key, "ocean")
    conversations.ids(book.user_id, {"trashedAt": None}, limit=1)
    conversations.retitle(*key, "Old", "New")
    conversations.trash(*key)
    conversations.restore(*key)
    assert len(stored_log(book)) == 108
    conversations.purge(*key)


def _sign_in(book: Book) -> None:
    devices, now = SignInRepository(book.database), utc_now()
    device = devices.create(book.user_id, "hash", user_agent="", address="", now=now, lifetime=timedelta(days=1))
    assert devices.is_active(device, now)
    assert devices.extend(device, now)
    assert len(devices.list(book.user_id, now, limit=1).items) == 1
    devices.end(book.user_id, device.id)
    assert devices.end_all(book.user_id) == 0
