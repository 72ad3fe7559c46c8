"""What is counted for each user is what is stored, and a full quota touches nothing that is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.database.migrations import m0003_stored_bytes
from chatapp.errors import StorageFull
from chatapp.failpoints import armed
from chatapp.models.chat_models import Conversation, MessageStatus, Role
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.limits import CONVERSATION_OVERHEAD, MESSAGE_OVERHEAD
from chatapp.repositories.storage import Storage
from chatapp.repositories.user_repository import UserRepository
from tests.support.history import Book, generation, message, new_id, open_book
from tests.support.processes import wait_until

Documents = Database[dict[str, Any]]


@pytest.fixture
def user_id(database: Documents) -> str:
    return UserRepository(database).create("ada@example.org", "Ada", "-", utc_now()).id


@pytest.fixture
def book(database: Documents, user_id: str) -> Book:
    return open_book(database, user_id)


def _counted(database: Documents, user_id: str) -> int:
    user = database["users"].find_one({"_id": ObjectId(user_id)}) or {}
    return int(user.get("storedBytes", 0))


def _is_counted(database: Documents, user_id: str, count: int) -> None:
    """Nobody waits for the counting itself."""
    wait_until(lambda: _counted(database, user_id) == count, what=f"{count} bytes, not {_counted(database, user_id)},")


def _full(book: Book) -> Book:
    """The same conversation for a user whose quota is used up."""
    _is_counted(book.database, book.user_id, CONVERSATION_OVERHEAD + MESSAGE_OVERHEAD + len("hello"))
    return _with_quota(book, 100)


def _with_quota(book: Book, quota: int) -> Book:
    conversations = ConversationRepository(book.database, quota)
    messages = MessageRepository(book.database, conversations.storage)
    return replace(book, conversations=conversations, messages=messages)


def test_everything_that_is_written_is_counted_as_a_new_count_finds_it(database: Documents, book: Book) -> None:
    user_id = book.user_id
    other = book.conversations.create(user_id, key=new_id(), system_prompt="Überlege.")
    book.conversations.update(user_id, other.id, {"title": "not counted", "tags": ("a",)})
    book.conversations.update(*book.key, {"system_prompt": "Be brief."})
    for _ in range(105):
        book.say("größer")
    asked = message(book, "why?", book.window().conversation.active_message_id)
    running = generation(asked.id)
    assert book.begin_turn(book.window(), asked, running)
    answer = message(book, "because", asked.id, Role.ASSISTANT, id=running.message_id)
    assert book.conversations.turns.end(answer, asked)
    assert not book.conversations.turns.end(answer, asked), "ending twice counts once"

    texts = 105 * len("größer".encode()) + len("why?because" + "Be brief.") + len("Überlege.".encode())
    count = texts + 107 * MESSAGE_OVERHEAD + 2 * CONVERSATION_OVERHEAD
    _is_counted(database, user_id, count)
    database["users"].update_one({}, {"$set": {"storedBytes": 7}})
    m0003_stored_bytes.migrate(database)
    assert _counted(database, user_id) == count


def test_what_is_deleted_for_good_is_given_back(database: Documents, book: Book) -> None:
    other = open_book(database, book.user_id)
    other.say("stays")
    for _ in range(120):
        book.say("goes")

    book.conversations.trash(*book.key)
    count = 121 * MESSAGE_OVERHEAD + 2 * CONVERSATION_OVERHEAD + 120 * len("goes") + len("stays")
    _is_counted(database, book.user_id, count)
    book.conversations.purge(*book.key)

    _is_counted(database, book.user_id, MESSAGE_OVERHEAD + CONVERSATION_OVERHEAD + len("stays"))


def test_neither_a_system_prompt_nor_a_page_that_a_crash_left_makes_a_difference(
    database: Documents, book: Book
) -> None:
    other = book.conversations.create(book.user_id, system_prompt="Überlege.")
    for _ in range(100):
        book.say("goes")

    def crash() -> None:
        raise SystemExit

    with armed("overflow.page_stored", crash), pytest.raises(SystemExit):
        book.say("is not stored")
    assert database["message_pages"].count_documents({}) == 1
    for id_ in (book.conversation_id, other.id):
        book.conversations.purge(book.user_id, id_)

    _is_counted(database, book.user_id, 0)


def test_what_fits_exactly_is_stored_and_nothing_after_it(database: Documents, user_id: str) -> None:
    storage = Storage(database, quota=100)
    storage.take(user_id, 40)
    storage.take(user_id, 60)
    with pytest.raises(StorageFull):
        storage.take(user_id, 1)
    with pytest.raises(StorageFull):
        storage.check(user_id)
    Storage(database, quota=101).check(user_id)


def test_a_message_sent_again_is_counted_once(database: Documents, book: Book) -> None:
    for _ in range(2):
        book.say("hello", message_id="0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11")
    book.say("!")

    _is_counted(database, book.user_id, CONVERSATION_OVERHEAD + 2 * MESSAGE_OVERHEAD + len("hello!"))


def test_a_turn_that_does_not_begin_is_not_counted(database: Documents, book: Book) -> None:
    before = book.window()
    book.say("hello")
    asked = message(book, "x" * 10_000, None)
    assert not book.begin_turn(before, asked, generation(asked.id))
    book.say("!")

    _is_counted(database, book.user_id, CONVERSATION_OVERHEAD + 2 * MESSAGE_OVERHEAD + len("hello!"))


def test_a_fork_that_two_calls_make_at_once_is_counted_once(database: Documents, book: Book) -> None:
    book.say("hello")
    window = book.window()
    forks: list[str] = []

    def make() -> Conversation:
        messages = window.messages[::-1]
        return book.conversations.forks.make(window.conversation, messages[0].id, lambda: iter(messages), "key")

    def fork() -> None:
        if len(forks) < 2:
            forks.append(str(len(forks)))
            forks[0] = make().id

    with armed("fork.pages_stored", fork):
        assert make().id == forks[0]

    _is_counted(database, book.user_id, 2 * (CONVERSATION_OVERHEAD + MESSAGE_OVERHEAD + len("hello")))


def test_a_full_quota_takes_nothing_new_and_says_how_full_it_is(book: Book) -> None:
    said = book.say()
    full = _full(book)

    with pytest.raises(StorageFull) as refused:
        full.say("more")

    assert refused.value.details == {"storedBytes": 2_505, "quotaBytes": 100}
    with pytest.raises(StorageFull):
        full.conversations.create(full.user_id)
    with pytest.raises(StorageFull):
        full.conversations.update(*full.key, {"system_prompt": "more"})
    assert full.shown() == [said.id]


def test_with_a_full_quota_everything_else_goes_on(database: Documents, book: Book) -> None:
    key = new_id()
    made = book.conversations.create(book.user_id, key=key)
    book.conversations.purge(book.user_id, book.conversation_id)
    book = replace(book, conversation_id=made.id)
    said = book.say()
    full = _full(book)

    assert full.say(message_id=said.id) == said, "what was stored is acknowledged again"
    assert full.conversations.create(full.user_id, key=key).id == made.id
    assert full.conversations.update(*full.key, {"title": "other", "system_prompt": None}).title == "other"
    full.conversations.purge(*full.key)
    _is_counted(database, full.user_id, 0)
    assert full.conversations.create(full.user_id).id


def test_an_answer_that_is_being_written_is_stored_all_the_same(book: Book) -> None:
    asked = book.say()
    running = generation(asked.id)
    assert book.begin_turn(book.window(), None, running)
    full = _full(book)

    answer = message(full, "because", asked.id, Role.ASSISTANT, id=running.message_id)
    assert full.conversations.turns.end(answer)

    stored, _ = full.messages.find(*full.key, answer.id)
    assert (stored.content, stored.status) == ("because", MessageStatus.COMPLETE)


def test_accounts_of_an_earlier_version_are_counted(database: Documents, book: Book) -> None:
    for _ in range(130):
        book.say()
    without = UserRepository(database).create("bob@example.org", "Bob", "-", utc_now()).id
    _is_counted(database, book.user_id, CONVERSATION_OVERHEAD + 130 * (MESSAGE_OVERHEAD + len("hello")))
    database["users"].update_many({}, {"$unset": {"storedBytes": ""}})

    for _ in range(2):
        m0003_stored_bytes.migrate(database)

    assert _counted(database, book.user_id) == CONVERSATION_OVERHEAD + 130 * (MESSAGE_OVERHEAD + len("hello"))
    assert _counted(database, without) == 0


def test_while_there_is_much_room_the_account_is_not_read_for_each_message(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    roomy = _with_quota(book, 100_000)
    look = Mock(return_value=0)
    monkeypatch.setattr(Storage, "_used", look)

    for _ in range(10):
        roomy.say("x" * 100)

    look.assert_called_once()


def test_what_fills_the_quota_is_the_last_that_is_taken_also_by_a_worker_that_has_looked_before(book: Book) -> None:
    roomy = _with_quota(book, 100_000)
    roomy.say()
    roomy.say("x" * 100_000)
    _is_counted(book.database, book.user_id, CONVERSATION_OVERHEAD + 2 * MESSAGE_OVERHEAD + 100_005)

    with pytest.raises(StorageFull):
        roomy.say()


@pytest.mark.parametrize("is_copy", [False, True])
def test_what_fills_the_quota_in_another_way_is_seen_by_the_next_message(book: Book, is_copy: bool) -> None:
    roomy = _with_quota(book, 100_000)
    roomy.say()
    _is_counted(book.database, book.user_id, used := CONVERSATION_OVERHEAD + MESSAGE_OVERHEAD + len("hello"))

    if is_copy:
        roomy.conversations.storage.take(book.user_id, 100_000 - used)
    else:
        roomy.conversations.create(book.user_id, system_prompt="x" * 100_000)
    wait_until(lambda: _counted(book.database, book.user_id) >= 100_000, what="the count")

    with pytest.raises(StorageFull):
        roomy.say()
