"""A branch becomes a conversation of its own, once, and whole."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from bson import ObjectId
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError
from pymongo.results import UpdateResult

from chatapp.clock import utc_now
from chatapp.errors import ConversationNotFound, KeyTaken, StorageFull
from chatapp.failpoints import armed
from chatapp.maintenance.check import Check
from chatapp.models.chat_models import Conversation, Feedback, Message, Role
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.limits import CONVERSATION_OVERHEAD, KEPT_MESSAGES, MESSAGE_OVERHEAD
from chatapp.repositories.purging import TOMBSTONE_FOR
from tests.support.history import Book, generation, message, open_book
from tests.support.long_conversations import store_conversation
from tests.support.processes import wait_until

KEY = "5c1d6a52-9d2f-4d5f-8d35-0c8f8e0a7b10"


class Crashed(BaseException):
    """The process has ended here."""


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    """A conversation of 270 messages in five pages and a window."""
    empty = open_book(database)
    return replace(empty, conversation_id=store_conversation(database, empty.user_id, 270))


def fork(book: Book, message_id: str, key: str | None = None) -> Conversation:
    window = book.window()
    branch = partial(book.messages.branch, window, from_message_id=message_id)
    return book.conversations.forks.make(window.conversation, message_id, branch, key)


def texts(book: Book) -> list[str]:
    return [message.content for message in list(book.messages.branch(book.window()))[::-1]]


@pytest.fixture
def user(book: Book) -> ObjectId:
    """The account of the conversation's owner."""
    id_ = ObjectId(book.user_id)
    account = {"email": "ada@example.org", "name": "", "passwordHash": "", "createdAt": utc_now(), "settings": {}}
    book.database["users"].insert_one({"_id": id_, **account})
    return id_


def stored_bytes(book: Book) -> int:
    account = book.database["users"].find_one({"_id": ObjectId(book.user_id)}) or {}
    return int(account.get("storedBytes", 0))


def is_well(book: Book) -> bool:
    return Check(book.database, print).run().is_well


def test_a_fork_holds_the_branch_and_can_be_continued(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.repositories.copying._BATCH", 2)
    shown, said = book.shown(), texts(book)
    made = fork(book, shown[219])
    other = replace(book, conversation_id=made.id)
    pages = list(book.database["message_pages"].find({"conversationId": ObjectId(made.id)}))
    assert max(page["count"] for page in pages) == KEPT_MESSAGES

    assert texts(other) == said[:220]
    assert (made.message_count, made.title, made.model) == (220, "Long", "echo")
    assert not set(other.shown()) & set(shown)
    for number in range(120):
        other.say(f"later {number}")
    assert texts(other) == [*said[:220], *(f"later {number}" for number in range(120))]
    assert texts(book) == said
    assert is_well(book)


def test_a_fork_is_new_unread_and_idle_whatever_its_source_is(book: Book) -> None:
    shown = book.shown()
    book.conversations.update(*book.key, {"pinned": True, "archived": True, "tags": ["sea"]})
    long_ago = dict.fromkeys(("createdAt", "updatedAt"), utc_now() - timedelta(days=9))
    book.database["conversations"].update_many({}, {"$set": long_ago})
    running = generation(shown[-1])
    assert book.begin_turn(book.window(), None, running)
    answer = message(book, "unread", shown[-1], Role.ASSISTANT, id=running.message_id)
    assert book.conversations.turns.end(answer)
    assert book.begin_turn(book.window(), None, generation(answer.id))
    book.conversations.trash(*book.key)

    first, second = fork(book, shown[3]), fork(book, shown[3])

    stored = book.conversations.get(book.user_id, first.id)
    assert stored == first
    assert (stored.pinned, stored.archived, stored.tags, stored.generation) == (False, False, ("sea",), None)
    copied = [book.messages.page(book.user_id, one.id, limit=50).items for one in (first, second)]
    assert (stored.trashed_at, stored.unread, stored.read_message_id) == (None, False, copied[0][-1].id)
    assert stored.created_at == stored.updated_at > utc_now() - timedelta(days=1)
    assert not {message.id for message in copied[0]} & {message.id for message in copied[1]}
    document = book.database["conversations"].find_one({"_id": ObjectId(first.id)})
    assert document is not None
    assert document["lastChange"]["events"] == [{"type": "conversation.created"}]


def test_of_a_branch_only_what_leads_to_the_message_is_copied(book: Book) -> None:
    shown = book.shown()
    book.say("another way", parent_id=shown[9])
    made = fork(book, shown[20])
    other = replace(book, conversation_id=made.id)

    assert [message.sibling_ids for message in book.messages.branch(other.window())] == [()] * 21
    assert is_well(book)


def test_a_copy_names_no_message_that_is_not_in_its_conversation_and_still_tells_that_it_was_edited(book: Book) -> None:
    asked = book.say("question")
    first, longer = (message(book, text, asked.id, Role.ASSISTANT, model="model") for text in ("Tea", "Tea is hot"))
    for answer in (first, replace(longer, continues=first.id)):
        assert book.conversations.turns.begin(book.window(), None, answer, 0, title=None)
        assert book.conversations.turns.end(answer)
    edited = book.say("Tea is warm", edit_of=longer.id, role=Role.ASSISTANT)
    assert book.messages.find(*book.key, edited.id)[0].edited

    for source in (longer.id, edited.id):
        other = replace(book, conversation_id=fork(book, source).id)
        copy = next(book.messages.branch(other.window()))
        assert (copy.edit_of, copy.continues, copy.edited) == (None, None, source == edited.id)


def test_the_same_call_sent_again_gives_the_same_fork_as_it_is_by_now(book: Book) -> None:
    shown = book.shown()
    first = fork(book, shown[150], KEY)
    other = replace(book, conversation_id=first.id)
    other.say("on and on")
    book.marks.annotate(*other.key, other.shown()[0], {"feedback": Feedback.UP})

    again = fork(book, shown[150], KEY)

    assert (again.id, again.message_count) == (first.id, 152)
    assert book.messages.find(*other.key, other.shown()[0])[0].feedback is Feedback.UP
    assert is_well(book)


def test_a_fork_that_a_crash_cut_in_two_is_seen_by_nobody_and_finished_by_the_same_call(book: Book) -> None:
    shown, said = book.shown(), texts(book)

    def crash() -> None:
        raise Crashed

    with armed("fork.pages_stored", crash), pytest.raises(Crashed):
        fork(book, shown[200], KEY)
    assert len(book.conversations.list(book.user_id, limit=10).items) == 2  # the empty one of the fixture is there too
    assert is_well(book)
    with pytest.raises(KeyTaken):
        fork(book, shown[100], KEY)

    made = fork(book, shown[200], KEY)

    assert texts(replace(book, conversation_id=made.id)) == said[:201]
    assert is_well(book)


def test_what_a_crash_left_of_a_fork_is_deleted_after_a_day(book: Book) -> None:
    def crash() -> None:
        raise Crashed

    pages = book.database["message_pages"].count_documents({})
    with armed("fork.pages_stored", crash), pytest.raises(Crashed):
        fork(book, book.shown()[200])
    assert book.database["message_pages"].count_documents({}) > pages
    old = utc_now() - 2 * TOMBSTONE_FOR
    book.database["conversations"].update_one({"purgedAt": {"$exists": True}}, {"$set": {"purgedAt": old}})

    assert book.conversations.housekeeping() == 1

    assert book.database["message_pages"].count_documents({}) == pages
    assert is_well(book)


def test_a_key_of_a_fork_that_was_deleted_for_good_makes_no_other(book: Book) -> None:
    made = fork(book, book.shown()[150], KEY)
    book.conversations.purge(book.user_id, made.id)
    for _ in range(2):
        with pytest.raises(ConversationNotFound):
            fork(book, book.shown()[150], KEY)


def test_the_same_call_twice_at_once_makes_one_fork(book: Book) -> None:
    leaf = book.shown()[200]
    others: list[Conversation] = []
    first_time = iter([True])

    def meanwhile() -> None:
        if next(first_time, False):
            others.append(fork(book, leaf, KEY))

    with armed("fork.pages_stored", meanwhile):
        made = fork(book, leaf, KEY)

    assert (made.id, made.message_count) == (others[0].id, 201)
    assert is_well(book)


def test_what_is_left_on_a_fork_stays_though_another_call_is_still_making_it(book: Book) -> None:
    window, leaf = book.window(), book.shown()[200]
    read: list[str] = []
    liked: list[str] = []

    def branch() -> Iterator[Message]:
        read.append("")
        if len(read) == 2:
            other = replace(book, conversation_id=fork(book, leaf, KEY).id)
            liked.append(other.shown()[0])
            book.marks.annotate(*other.key, liked[0], {"feedback": Feedback.UP})
            other.say("on and on")
        return book.messages.branch(window, from_message_id=leaf)

    made = book.conversations.forks.make(window.conversation, leaf, branch, KEY)

    assert made.message_count == 202
    assert book.messages.find(book.user_id, made.id, liked[0])[0].feedback is Feedback.UP


def test_a_fork_that_is_deleted_for_good_while_another_call_makes_it_stays_deleted(book: Book) -> None:
    leaf = book.shown()[3]
    deleted: list[str] = []

    def meanwhile() -> None:
        if not deleted:
            deleted.append("")
            deleted[0] = fork(book, leaf, KEY).id
            book.conversations.purge(book.user_id, deleted[0])

    with armed("fork.pages_stored", meanwhile), pytest.raises(ConversationNotFound):
        fork(book, leaf, KEY)
    with pytest.raises(ConversationNotFound):
        book.conversations.get(book.user_id, deleted[0])


def test_the_place_of_a_fork_may_be_taken_by_another_call_at_the_same_moment(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    update_one = Collection.update_one
    taken: list[str] = []

    def take_first(collection: Collection[dict[str, Any]], *args: Any, **options: Any) -> UpdateResult:
        done = update_one(collection, *args, **options)
        if options.get("upsert") and not taken:
            taken.append("")
            raise DuplicateKeyError("by the other call")
        return done

    monkeypatch.setattr(Collection, "update_one", take_first)

    assert fork(book, book.shown()[3], KEY).message_count == 4
    assert taken


def test_a_key_of_a_new_conversation_is_another_than_that_of_a_fork(book: Book) -> None:
    made = book.conversations.create(book.user_id, key=KEY)
    assert fork(book, book.shown()[3], KEY).id != made.id


def test_nothing_is_stored_where_there_is_no_room(book: Book) -> None:
    full = replace(book, conversations=ConversationRepository(book.database, quota=0))
    made = fork(book, book.shown()[3], KEY)
    with pytest.raises(StorageFull):
        fork(full, book.shown()[200])
    assert fork(full, book.shown()[3], KEY) == made, "what was made is acknowledged again"
    assert is_well(book)


def test_what_is_copied_counts_before_it_is_stored(book: Book, user: ObjectId) -> None:
    """Otherwise many copies that are made at the same moment all find the room that there is for one."""
    size = sum(len(text.encode()) + MESSAGE_OVERHEAD for text in texts(book))
    limited = replace(book, conversations=ConversationRepository(book.database, quota=size * 2 - 1))
    stored: list[int] = []
    refused: list[StorageFull] = []

    def meanwhile() -> None:
        with pytest.raises(StorageFull) as full:
            fork(limited, book.shown()[-1])
        refused.append(full.value)
        stored.append(stored_bytes(book))

    with armed("fork.pages_stored", meanwhile):
        fork(limited, book.shown()[-1], KEY)

    assert stored == [size]
    assert refused[0].details == {"storedBytes": size, "quotaBytes": size * 2 - 1}
    wait_until(lambda: stored_bytes(book) == size + CONVERSATION_OVERHEAD)


def test_a_fork_made_twice_at_the_same_moment_counts_once(book: Book, user: ObjectId) -> None:
    others = iter([KEY])

    def meanwhile() -> None:
        for key in others:
            fork(book, book.shown()[-1], key)

    with armed("fork.pages_stored", meanwhile):
        fork(book, book.shown()[-1], KEY)

    size = sum(len(text.encode()) + MESSAGE_OVERHEAD for text in texts(book))
    wait_until(lambda: stored_bytes(book) == size + CONVERSATION_OVERHEAD)
    assert is_well(book)


def test_a_branch_larger_than_the_memory_can_be_copied(database: Database[dict[str, Any]]) -> None:
    empty = open_book(database)
    text = "x" * 100_000
    large = replace(empty, conversation_id=store_conversation(database, empty.user_id, 800, text=lambda _: text))
    tracemalloc.start()
    try:
        made = fork(large, large.window().conversation.active_message_id or "")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert made.message_count == 800
    assert peak < 40_000_000, "of 80 MB"
