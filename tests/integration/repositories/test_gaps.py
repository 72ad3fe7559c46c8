"""What the database has lost is marked, and all that is left is shown."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.errors import Invalid, MessageNotFound
from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.models.failures import FailureCode
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.cursors import BranchCursor, scope
from tests.support.history import Book, new_id
from tests.support.long_conversations import PER_PAGE, store_conversation

LENGTH = 300
LIMITS = [1, 7, PER_PAGE, 200]


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    """A conversation of 300 messages: 5 pages and a window of 50."""
    user_id = str(ObjectId())
    conversation_id = store_conversation(database, user_id, LENGTH)
    return Book(database, user_id, conversation_id, ConversationRepository(database), MessageRepository(database))


@pytest.fixture
def ids(book: Book) -> list[str]:
    return book.shown(200)


def lose_page(book: Book, number: int) -> None:
    found = book.database["message_pages"].delete_one({"firstPosition": number * PER_PAGE})
    assert found.deleted_count == 1


def history(book: Book, limit: int) -> list[Message]:
    """The whole branch, page by page, oldest first."""
    messages: list[Message] = []
    cursor = None
    while True:
        page = book.messages.page(*book.key, limit=limit, cursor=cursor)
        messages = [*page.items, *messages]
        cursor = page.next_cursor
        if cursor is None:
            return messages


def is_marker(message: Message) -> bool:
    return message.error is not None and message.error.code == FailureCode.MESSAGES_MISSING


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("lost", [[0], [2], [4], [1, 3], [1, 2, 3], [0, 1, 2, 3, 4]])
def test_a_page_that_is_missing_leaves_a_marked_gap(book: Book, ids: list[str], lost: list[int], limit: int) -> None:
    for number in lost:
        lose_page(book, number)

    shown = history(book, limit)

    left = [id_ for position, id_ in enumerate(ids) if position // PER_PAGE not in lost]
    assert [message.id for message in shown if not is_marker(message)] == left
    gaps = [number for number in lost if number + 1 not in lost]
    markers = [message for message in shown if is_marker(message)]
    assert [marker.id for marker in markers] == [ids[number * PER_PAGE + PER_PAGE - 1] for number in gaps]
    said = {(marker.role, marker.content, marker.status) for marker in markers}
    assert said == {(Role.ASSISTANT, "", MessageStatus.ERROR)}
    before = [book.window().conversation.created_at, *(message.created_at for message in shown)]
    assert all(marker.created_at == at for at, marker in zip(before, shown, strict=False) if is_marker(marker))
    parents = [message.parent_id for message in shown]
    assert parents == [None, *(message.id for message in shown[:-1])], "the chain goes through the markers"
    assert list(book.messages.branch(book.window())) == shown[::-1], "what the model is sent has all of it too"


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("lost", [[0], [2], [1, 3]])
def test_the_tree_has_what_is_left_once_and_comes_to_its_end(
    book: Book, ids: list[str], lost: list[int], limit: int
) -> None:
    for number in lost:
        lose_page(book, number)
    found: list[str] = []
    cursor = None

    for _ in range(0, LENGTH, limit):
        page = book.messages.tree(*book.key, limit=limit, cursor=cursor)
        found += [twig.id for twig in page.items]
        cursor = page.next_cursor

    assert cursor is None
    assert found == [id_ for position, id_ in enumerate(ids) if position // PER_PAGE not in lost]


def test_a_gap_is_logged_with_ids_alone(book: Book, ids: list[str], caplog: pytest.LogCaptureFixture) -> None:
    lose_page(book, 2)

    with caplog.at_level(logging.ERROR):
        book.messages.page(*book.key, limit=200)

    (record,) = caplog.records
    assert record.getMessage() == (
        f"conversation {book.conversation_id}: message {ids[149]} is missing before position 150"
    )


@pytest.mark.parametrize("limit", LIMITS)
@pytest.mark.parametrize("parent", ["missing", "itself", "a later message", "its child", "in the window"])
def test_a_damaged_parent_is_a_gap(book: Book, ids: list[str], parent: str, limit: int) -> None:
    damaged = 120
    parents = {
        "missing": new_id(),
        "itself": ids[damaged],
        "a later message": ids[190],
        "its child": ids[damaged + 1],
        "in the window": ids[-1],
    }
    book.database["message_pages"].update_one(
        {"messages.id": ids[damaged]}, {"$set": {"messages.$.parentId": parents[parent]}}
    )

    shown = history(book, limit)

    assert [message.id for message in shown if not is_marker(message)] == ids
    assert [is_marker(message) for message in shown].index(True) == damaged
    assert len({message.id for message in shown}) == len(shown) == LENGTH + 1
    assert book.messages.choose(*book.key, ids[damaged])[0] == ids[-1]


@pytest.mark.parametrize("limit", LIMITS)
def test_an_active_message_that_is_missing_is_a_gap_at_the_end(book: Book, ids: list[str], limit: int) -> None:
    lost = new_id()
    book.database["conversations"].update_one({}, {"$set": {"activeMessageId": lost}})

    shown = history(book, limit)

    assert [message.id for message in shown] == [*ids, lost]
    assert is_marker(shown[-1])


def test_a_conversation_with_a_gap_goes_on(book: Book, ids: list[str]) -> None:
    lose_page(book, 2)

    said = [book.say(str(number)).id for number in range(120)]

    assert [message.id for message in history(book, 60) if not is_marker(message)] == [*ids[:100], *ids[150:], *said]
    with pytest.raises(MessageNotFound):
        book.messages.find(*book.key, ids[120])
    assert book.messages.choose(*book.key, ids[10])[0] == ids[99]


def test_what_no_message_names_is_no_gap(book: Book, ids: list[str]) -> None:
    this_list = scope("messages", conversation=book.conversation_id)
    for cursor in (BranchCursor(100, new_id()), BranchCursor(100, ids[100]), BranchCursor(LENGTH, new_id())):
        with pytest.raises(Invalid):
            book.messages.page(*book.key, limit=5, cursor=cursor.encode(this_list))
    with pytest.raises(MessageNotFound):
        next(book.messages.branch(book.window(), from_message_id=new_id()))
