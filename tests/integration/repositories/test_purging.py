"""Deleting for good: nothing is left, whatever was going on, and whenever it was cut off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ChatSessionNotFound, ConversationNotFound
from chatapp.failpoints import armed
from chatapp.repositories.chat_session_repository import ChatSessionRepository
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository
from chatapp.repositories.purging import TEMPORARY_FOR, TOMBSTONE_FOR, Purging
from tests.support.history import Book, generation, message, new_id, open_book

CONTENTS = ("message_pages", "generations", "chat_sessions")


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    """A long conversation with a chat session and a running answer."""
    book = open_book(database)
    for _ in range(110):
        book.say()
    asked = message(book, "question", book.window().conversation.active_message_id)
    running = generation(asked.id)
    assert book.begin_turn(book.window(), asked, running)
    GenerationRepository(database).request_stop(*book.key, running.message_id)
    ChatSessionRepository(database).create(*book.key)
    return book


def left(book: Book) -> dict[str, int]:
    return {name: book.database[name].count_documents({}) for name in ("conversations", *CONTENTS)}


def age(book: Book, field: str, by: timedelta) -> None:
    book.database["conversations"].update_one({}, {"$set": {field: utc_now() - by - timedelta(minutes=1)}})


def test_a_key_does_not_bring_back_what_it_made(book: Book) -> None:
    key = new_id()
    made = book.conversations.create(book.user_id, key=key)
    book.conversations.purge(book.user_id, made.id)

    with pytest.raises(ConversationNotFound):
        book.conversations.create(book.user_id, key=key)


def test_everything_that_belongs_to_it_goes(book: Book) -> None:
    other = open_book(book.database, book.user_id)
    other.say()

    book.conversations.purge(*book.key)

    assert left(book) == {"conversations": 2, "message_pages": 0, "generations": 0, "chat_sessions": 0}
    assert len(other.shown()) == 1


def test_its_chat_sessions_are_not_found(book: Book) -> None:
    sessions = ChatSessionRepository(book.database)
    session = sessions.create(*book.key)

    book.conversations.purge(*book.key)

    with pytest.raises(ChatSessionNotFound):
        sessions.get(book.user_id, session.id)


def test_the_tombstone_names_nothing_but_whose_it_was(book: Book) -> None:
    book.conversations.purge(*book.key)

    tombstone = book.database["conversations"].find_one()

    assert tombstone is not None
    assert tombstone.keys() == {"_id", "userId", "purgedAt", "lastChange"}
    assert tombstone["lastChange"]["events"] == [{"type": "conversation.deleted"}]


def _crash() -> None:
    raise SystemExit


@pytest.mark.parametrize("point", ["purge.tombstone_set", *(f"purge.{name}" for name in CONTENTS)])
def test_what_a_crash_left_is_deleted_a_day_later(book: Book, point: str) -> None:
    with armed(point, _crash), pytest.raises(SystemExit):
        book.conversations.purge(*book.key)
    with pytest.raises(ConversationNotFound):
        book.window()

    assert book.conversations.housekeeping() == 0
    age(book, "purgedAt", TOMBSTONE_FOR)
    assert book.conversations.housekeeping() == 1

    assert left(book) == {"conversations": 0, "message_pages": 0, "generations": 0, "chat_sessions": 0}


def test_a_tombstone_stays_until_all_that_it_stood_for_is_gone(book: Book) -> None:
    with armed("purge.tombstone_set", _crash), pytest.raises(SystemExit):
        book.conversations.purge(*book.key)
    for _ in range(2):
        age(book, "purgedAt", TOMBSTONE_FOR)
        with armed("purge.message_pages", _crash), pytest.raises(SystemExit):
            book.conversations.housekeeping()
    age(book, "purgedAt", TOMBSTONE_FOR)

    assert book.conversations.housekeeping() == 1
    assert left(book) == {"conversations": 0, "message_pages": 0, "generations": 0, "chat_sessions": 0}


def test_housekeeping_leaves_what_a_key_makes_again(book: Book) -> None:
    """Another worker clears the same tombstones, and a key is used again, while this one is at the first of them."""
    sessions = ChatSessionRepository(book.database)
    key = new_id()
    made = book.conversations.create(book.user_id, key=key)
    for conversation_id in (book.conversation_id, made.id):
        book.conversations.purge(book.user_id, conversation_id)
    old = utc_now() - TOMBSTONE_FOR - timedelta(minutes=1)
    book.database["conversations"].update_many({}, {"$set": {"purgedAt": old}})
    begun: list[str] = []

    def another_worker() -> None:
        if not begun:
            begun.append("")
            book.conversations.housekeeping()
            book.conversations.create(book.user_id, key=key)
            begun[0] = sessions.create(book.user_id, made.id).id

    with armed("purge.chat_sessions", another_worker):
        book.conversations.housekeeping()

    assert book.conversations.get(book.user_id, made.id).id == made.id
    assert sessions.get(book.user_id, begun[0]).conversation_id == made.id


@pytest.mark.parametrize("others", ["clears it, and its key is used again", "is clearing it"])
def test_a_housekeeper_that_pauses_between_reading_and_deleting_deletes_nothing_new(
    database: Database[dict[str, Any]], others: str
) -> None:
    user_id, key = str(ObjectId()), new_id()
    conversations, messages = ConversationRepository(database), MessageRepository(database)
    again = Book(database, user_id, conversations.create(user_id, key=key).id, conversations, messages)
    conversations.purge(*again.key)
    age(again, "purgedAt", TOMBSTONE_FOR)
    said: list[str] = []

    def meanwhile() -> None:
        if said:
            return
        said.append("")
        if others == "is clearing it":
            with armed("purge.tombstone_claimed", _crash), pytest.raises(SystemExit):
                conversations.housekeeping()
            return
        assert conversations.housekeeping() == 1
        assert conversations.create(user_id, key=key).id == again.conversation_id
        said[:] = [again.say(str(number)).id for number in range(130)]

    with armed("purge.tombstone_read", meanwhile):
        assert conversations.housekeeping() == 0

    if others == "is clearing it":
        with pytest.raises(ConversationNotFound):
            conversations.create(user_id, key=key)
        age(again, "purgedAt", TOMBSTONE_FOR)
        assert conversations.housekeeping() == 1
        assert left(again)["conversations"] == 0
    else:
        assert again.shown() == said


def test_a_temporary_conversation_goes_a_day_after_its_last_use(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    kept = open_book(database)
    passing = book.conversations.create(book.user_id, temporary=True)
    database["conversations"].update_many({}, {"$set": {"updatedAt": utc_now() - TEMPORARY_FOR + timedelta(minutes=1)}})
    assert book.conversations.housekeeping() == 0

    database["conversations"].update_many({}, {"$set": {"updatedAt": utc_now() - TEMPORARY_FOR - timedelta(minutes=1)}})
    assert book.conversations.housekeeping() == 1

    with pytest.raises(ConversationNotFound):
        book.conversations.get(book.user_id, passing.id)
    assert book.window().conversation.id == book.conversation_id
    assert kept.window().conversation.id == kept.conversation_id


def test_a_temporary_conversation_is_kept_while_an_answer_is_written(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    passing = book.conversations.create(book.user_id, temporary=True)
    window = book.conversations.window(book.user_id, passing.id)
    asked = message(Book(database, book.user_id, passing.id, book.conversations, book.messages), "question", None)
    assert book.begin_turn(window, asked, generation(asked.id))
    database["conversations"].update_many({}, {"$set": {"updatedAt": utc_now() - 2 * TEMPORARY_FOR}})

    assert book.conversations.housekeeping() == 0


def test_a_temporary_conversation_that_is_used_at_that_moment_is_kept(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = open_book(database)
    passing = book.conversations.create(book.user_id, temporary=True)
    database["conversations"].update_many({}, {"$set": {"updatedAt": utc_now() - 2 * TEMPORARY_FOR}})
    purge = Purging.purge

    def use_first(purging: Purging, owned: dict[str, Any]) -> bool:
        database["conversations"].update_many({}, {"$set": {"updatedAt": utc_now()}})
        return purge(purging, owned)

    monkeypatch.setattr(Purging, "purge", use_first)
    assert book.conversations.housekeeping() == 0
    assert book.conversations.get(book.user_id, passing.id).id == passing.id
