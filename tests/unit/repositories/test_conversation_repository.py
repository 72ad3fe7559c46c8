"""The rules of conversations and messages, on mongomock, which knows as much of MongoDB as these need."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mongomock
import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import AutoReconnect, DuplicateKeyError

from chatapp.errors import ConversationInTrash, ConversationNotFound, Invalid, MessageIdTaken, MessageNotFound, NotOwner
from chatapp.models.chat_models import Feedback, NewMessage, Parent, Role
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.limits import WINDOW_MESSAGES
from tests.support.history import Book, message, new_id, open_book

ALICE, BOB = str(ObjectId()), str(ObjectId())


@pytest.fixture
def database() -> Database[dict[str, Any]]:
    mocked: Database[dict[str, Any]] = mongomock.MongoClient(tz_aware=True)["chatapp"]
    return mocked


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    return open_book(database, ALICE)


@pytest.fixture
def conversations(database: Database[dict[str, Any]]) -> ConversationRepository:
    return ConversationRepository(database)


@pytest.fixture
def messages(database: Database[dict[str, Any]]) -> MessageRepository:
    return MessageRepository(database)


def test_what_is_created_can_be_read(conversations: ConversationRepository) -> None:
    made = conversations.create(ALICE, title="t", model="m", system_prompt="p", tags=("x",), temporary=True)

    assert conversations.get(ALICE, made.id) == made
    assert conversations.window(ALICE, made.id).conversation == made


def test_a_key_makes_one_conversation_for_each_user(conversations: ConversationRepository) -> None:
    key = new_id()
    made = conversations.create(ALICE, title="t", key=key)

    assert conversations.create(ALICE, title="another", key=key) == made
    assert conversations.get(ALICE, made.id) == made
    assert conversations.create(BOB, key=key).id != made.id
    assert conversations.create(ALICE, key=new_id()).id != made.id


READS: list[Callable[[Book, str, str], object]] = [
    lambda book, user, id_: book.conversations.get(user, id_),
    lambda book, user, id_: book.conversations.window(user, id_),
    lambda book, user, id_: book.conversations.update(user, id_, {"title": "x"}),
    lambda book, user, id_: book.conversations.trash(user, id_),
    lambda book, user, id_: book.conversations.restore(user, id_),
    lambda book, user, id_: book.conversations.purge(user, id_),
    lambda book, user, id_: book.messages.page(user, id_, limit=10),
    lambda book, user, id_: book.messages.append(user, id_, NewMessage("x")),
    lambda book, user, id_: book.messages.find(user, id_, new_id()),
    lambda book, user, id_: book.marks.annotate(user, id_, new_id(), {"feedback": None}),
]


@pytest.mark.parametrize("call", READS)
def test_every_call_checks_the_owner(book: Book, call: Callable[[Book, str, str], object]) -> None:
    before = book.database["conversations"].find_one()

    with pytest.raises(NotOwner):
        call(book, BOB, book.conversation_id)
    for unknown in (str(ObjectId()), "nonsense", ""):
        with pytest.raises(ConversationNotFound):
            call(book, ALICE, unknown)

    assert book.database["conversations"].find_one() == before


@pytest.mark.parametrize("call", READS)
def test_what_is_gone_for_good_is_not_found_by_anybody(book: Book, call: Callable[[Book, str, str], object]) -> None:
    book.conversations.purge(*book.key)

    for user in (ALICE, BOB):
        with pytest.raises(ConversationNotFound):
            call(book, user, book.conversation_id)


def test_the_trash_is_read_but_not_written(book: Book) -> None:
    said = book.say()
    book.conversations.trash(*book.key)

    assert book.shown() == [said.id]
    for write in (
        book.say,
        lambda: book.conversations.update(*book.key, {"title": "x"}),
        lambda: book.conversations.update(*book.key, {}),
        lambda: book.conversations.update(*book.key, {"title": "x"}, only_if=lambda _: False),
        lambda: book.conversations.add_tag(*book.key, "x"),
        lambda: book.conversations.remove_tag(*book.key, "x"),
        lambda: book.marks.annotate(*book.key, said.id, {"feedback": Feedback.UP}),
    ):
        with pytest.raises(ConversationInTrash):
            write()
    assert not book.conversations.retitle(*book.key, "", "x")
    assert book.say(said.content, message_id=said.id) == said

    assert book.conversations.restore(*book.key).trashed_at is None
    book.say()


def test_what_is_in_the_trash_already_or_not_at_all_stays_as_it_is(book: Book) -> None:
    def stored() -> object:
        return book.database["conversations"].find_one()

    before = stored()
    book.conversations.restore(*book.key)
    assert stored() == before

    trashed = book.conversations.trash(*book.key)
    before = stored()
    assert book.conversations.trash(*book.key) == trashed
    assert stored() == before


def test_a_tag_is_added_once(book: Book) -> None:
    for _ in range(2):
        assert book.conversations.add_tag(*book.key, "sea").tags == ("sea",)


def test_no_more_ids_are_read_than_asked_for(conversations: ConversationRepository) -> None:
    for _ in range(3):
        conversations.create(ALICE)
    assert len(conversations.ids(ALICE, {}, limit=2)) == 2


def test_a_message_hangs_below_the_one_shown_unless_told(book: Book) -> None:
    first = book.say("first")
    second = book.say("second")
    beside = book.say("beside second", parent_id=first.id)
    anew = book.say("anew", parent_id=None)

    assert [message.parent_id for message in (first, second, beside, anew)] == [None, first.id, first.id, None]
    window = book.window()
    assert window.branches == {first.id: (second.id, beside.id), "root": (first.id, anew.id)}
    assert book.messages.find(*book.key, first.id)[0].sibling_ids == (first.id, anew.id)
    assert [message.id for message in book.messages.branch(window)] == [anew.id]
    assert [message.id for message in book.messages.branch(window, from_message_id=second.id)] == [second.id, first.id]


def test_a_parent_of_another_conversation_is_refused(book: Book) -> None:
    elsewhere = open_book(book.database, ALICE).say()

    with pytest.raises(Invalid) as refused:
        book.say(parent_id=elsewhere.id)
    assert "parentId" in refused.value.fields


def test_an_id_is_used_once(book: Book) -> None:
    first = book.say("first")
    said = book.say("said")

    for parent in (Parent.ACTIVE, first.id):
        assert book.say("said", message_id=said.id, parent_id=parent) == said
    for content, parent_id in (("other", first.id), ("said", None), ("said", said.id)):
        with pytest.raises(MessageIdTaken):
            book.say(content, message_id=said.id, parent_id=parent_id)
    with pytest.raises(MessageIdTaken):
        book.say("said", message_id=said.id, role=Role.ASSISTANT)
    edit = book.say("edited", edit_of=said.id)
    with pytest.raises(MessageIdTaken):
        book.say("edited", message_id=edit.id)
    assert book.window().conversation.message_count == 3


def test_an_empty_page_leads_to_the_newest_message(book: Book) -> None:
    said = book.say()

    empty = book.messages.page(*book.key, limit=0)
    newest = book.messages.page(*book.key, limit=1, cursor=empty.next_cursor)

    assert (empty.items, empty.next_cursor is None) == ((), False)
    assert [message.id for message in newest.items] == [said.id]


def test_a_message_is_stored_though_it_cannot_be_counted(book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    update_one = mongomock.Collection.update_one

    def fail_for_users(collection: Any, *args: Any, **options: Any) -> Any:
        if collection.name == "users":
            raise AutoReconnect("away")
        return update_one(collection, *args, **options)

    monkeypatch.setattr(mongomock.Collection, "update_one", fail_for_users)
    said = book.say()

    assert book.shown() == [said.id]


def test_a_page_of_nothing_leads_to_the_newest_message(book: Book) -> None:
    said = [book.say().id for _ in range(3)]

    nothing = book.messages.page(*book.key, limit=0)
    assert nothing.items == ()
    newest = book.messages.page(*book.key, limit=2, cursor=nothing.next_cursor)
    assert [message.id for message in newest.items] == said[1:]


def test_an_empty_conversation_has_one_empty_page(book: Book) -> None:
    page = book.messages.page(*book.key, limit=10)

    assert (page.items, page.next_cursor) == ((), None)


def test_feedback_is_set_and_taken_back(book: Book) -> None:
    said = book.say()

    assert book.marks.annotate(*book.key, said.id, {"feedback": Feedback.DOWN}).feedback is Feedback.DOWN
    assert book.marks.annotate(*book.key, said.id, {"feedback": None}) == said
    with pytest.raises(MessageNotFound):
        book.marks.annotate(*book.key, new_id(), {"feedback": Feedback.UP})


def test_every_change_says_what_it_was_and_whose(book: Book) -> None:
    def events() -> list[dict[str, Any]]:
        document = book.database["conversations"].find_one()
        assert document is not None
        assert document["lastChange"]["userId"] == ALICE
        return list(document["lastChange"]["events"])

    assert events() == [{"type": "conversation.created"}]
    said = book.say()
    assert events() == [{"type": "message.created", "messageId": said.id}]
    book.conversations.update(*book.key, {"title": "x", "pinned": True})
    assert events() == [{"type": "conversation.updated", "fields": ["pinned", "title"]}]
    book.marks.annotate(*book.key, said.id, {"feedback": Feedback.UP})
    assert events() == [{"type": "conversation.updated", "fields": ["feedback"], "messageId": said.id}]
    book.marks.star(*book.key, said.id, True)
    assert events() == [{"type": "conversation.updated", "fields": ["starred"], "messageId": said.id}]
    project = str(ObjectId())
    book.conversations.update(*book.key, {"project_id": project})
    book.conversations.update(*book.key, {"title": "y"})
    book.conversations.leave_project(ALICE, project)
    assert events() == [{"type": "conversation.updated", "fields": ["projectId"]}]
    book.conversations.trash(*book.key)
    assert events() == [{"type": "conversation.updated", "fields": ["trashedAt"]}]
    book.conversations.purge(*book.key)
    assert events() == [{"type": "conversation.deleted"}]


def test_what_is_said_in_a_conversation_that_is_deleted_meanwhile_is_refused_as_such(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(WINDOW_MESSAGES):
        book.say()
    insert_one = mongomock.Collection.insert_one

    def find_a_page_and_delete_it(collection: Any, *args: Any, **options: Any) -> Any:
        if collection.name != "message_pages":
            return insert_one(collection, *args, **options)
        book.conversations.purge(*book.key)
        raise DuplicateKeyError("another has stored this page")

    monkeypatch.setattr(mongomock.Collection, "insert_one", find_a_page_and_delete_it)

    with pytest.raises(ConversationNotFound):
        book.say()


def test_an_edited_answer_keeps_the_name_of_its_model_and_is_as_new_as_it_is(book: Book) -> None:
    asked = book.say("question")
    answer = message(book, "answer", asked.id, Role.ASSISTANT, model="gpt")
    assert book.conversations.turns.begin(book.window(), None, answer, 0, title=None)
    assert book.conversations.turns.end(answer)

    edited = book.say("better", edit_of=answer.id, role=Role.ASSISTANT)

    assert (edited.model, edited.created_at >= answer.created_at) == ("gpt", True)
