"""Entering a conversation in its middle, and its whole tree."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.database.migrations.m0002_shown_children import migrate
from chatapp.errors import InvalidCursor, MessageNotFound
from chatapp.models.chat_models import Message, Page, Twig
from chatapp.repositories.cursors import NewerCursor, scope
from tests.support.history import Book, new_id, open_book
from tests.support.long_conversations import store_conversation

LENGTH = 230


@pytest.fixture
def book(database: Database[dict[str, Any]]) -> Book:
    """A conversation in four pages and a window."""
    empty = open_book(database)
    return Book(database, empty.user_id, store_conversation(database, empty.user_id, LENGTH), *_repositories(empty))


def _repositories(book: Book) -> tuple[Any, Any]:
    return book.conversations, book.messages


def ids_of(page: Page[Message]) -> list[str]:
    return [message.id for message in page.items]


def everything_from(book: Book, page: Page[Message]) -> list[str]:
    """The ids of the whole branch, read from ``page`` on in both directions."""
    ids, cursor = ids_of(page), page.next_cursor
    while cursor is not None:
        older = book.messages.page(*book.key, limit=7, cursor=cursor)
        ids, cursor = ids_of(older) + ids, older.next_cursor
    cursor = page.previous_cursor
    while cursor is not None:
        newer = book.messages.page(*book.key, limit=9, cursor=cursor)
        ids, cursor = ids + ids_of(newer), newer.previous_cursor
    return ids


@pytest.mark.parametrize("position", [0, 1, 49, 50, 120, 199, 228, 229])
def test_the_whole_branch_can_be_read_from_a_message_in_its_middle(book: Book, position: int) -> None:
    said = book.shown()
    page = book.messages.page_around(*book.key, said[position], limit=20)
    assert said[position] in ids_of(page)
    assert 10 < len(page.items) <= 20 or position < 5
    assert everything_from(book, page) == said
    assert (page.previous_cursor is None) == (position > 200), "nothing is newer"


def test_a_page_of_newer_messages_leads_back_to_older_ones(book: Book) -> None:
    said = book.shown()
    middle = book.messages.page_around(*book.key, said[100], limit=10)
    newer = book.messages.page(*book.key, limit=10, cursor=middle.previous_cursor)
    back = book.messages.page(*book.key, limit=10, cursor=newer.next_cursor)
    assert ids_of(back) == ids_of(middle)


def test_a_message_of_a_branch_that_is_not_shown_is_entered_on_its_own_branch(book: Book) -> None:
    said = book.shown()
    book.say("another", parent_id=said[60])
    assert len(book.shown()) == 62
    assert everything_from(book, book.messages.page_around(*book.key, said[150], limit=10)) == said
    assert everything_from(book, book.messages.page_around(*book.key, said[60], limit=10)) == book.shown()


def test_what_was_chosen_is_shown_again_also_further_down(book: Book) -> None:
    """Two places with alternatives: choosing in the first does not forget the choice in the second."""
    said = book.shown()
    low = book.say("low", parent_id=said[200])
    choose(book, said[201])
    high = book.say("high", parent_id=said[20])
    choose(book, said[21])
    assert book.shown() == said
    choose(book, low.id)
    choose(book, high.id)
    choose(book, said[21])
    assert book.shown() == [*said[:201], low.id]
    assert everything_from(book, book.messages.page_around(*book.key, said[30], limit=10)) == book.shown()


def test_a_branch_far_back_that_was_replied_to_is_shown_again(book: Book) -> None:
    """The reply looks up no page, so what leads to it is remembered when it is left."""
    said = book.shown()
    low = book.say("low", parent_id=said[60])
    choose(book, said[-1])
    high = book.say("high", parent_id=said[20])

    reply = book.say("reply", parent_id=low.id)
    assert book.messages.choose(*book.key, said[21])[0] == reply.id
    choose(book, high.id)
    choose(book, said[21])

    assert book.shown() == [*said[:61], low.id, reply.id]


def choose(book: Book, message_id: str) -> None:
    leaf, shown = book.messages.choose(*book.key, message_id)
    book.conversations.update(*book.key, {"active_message_id": leaf}, shown=shown)


def test_unknown_messages_and_cursors_of_other_lists_are_refused(book: Book) -> None:
    with pytest.raises(MessageNotFound):
        book.messages.page_around(*book.key, "unknown", limit=10)
    other = open_book(book.database, book.user_id)
    middle = book.messages.page_around(*book.key, book.shown()[100], limit=10)
    with pytest.raises(InvalidCursor):
        other.messages.page(*other.key, limit=10, cursor=middle.previous_cursor)
    with pytest.raises(InvalidCursor):
        book.messages.tree(*book.key, limit=10, cursor=middle.previous_cursor)
    other.say()
    beginning = book.messages.tree(*book.key, limit=10)
    with pytest.raises(InvalidCursor):
        other.messages.tree(*other.key, limit=10, cursor=beginning.next_cursor)
    unknown = NewerCursor(new_id()).encode(scope("messages", conversation=book.conversation_id))
    with pytest.raises(InvalidCursor):
        book.messages.page(*book.key, limit=10, cursor=unknown)


@pytest.mark.parametrize("limit", [1, 30, 50, 51, 1000])
def test_the_tree_has_every_message_of_every_branch_in_order(book: Book, limit: int) -> None:
    said = book.shown()
    other = book.say("another", parent_id=said[60])
    twigs: list[Twig] = []
    cursor = None
    while True:
        page = book.messages.tree(*book.key, limit=limit, cursor=cursor)
        assert len(page.items) <= limit
        twigs += page.items
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [twig.id for twig in twigs] == [*said, other.id]
    assert twigs[-1].parent_id == said[60]
    for twig in (*twigs[2:4], *twigs[-3:]):
        told = book.messages.find(*book.key, twig.id)[0]
        assert twig == Twig(
            told.id, told.parent_id, told.role, told.status, told.model, told.created_at, told.content[:80]
        )


def test_an_empty_conversation_has_an_empty_tree(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    assert book.messages.tree(*book.key, limit=10) == Page((), None)


def test_a_database_of_the_version_before_remembers_the_branches_that_are_shown(book: Book) -> None:
    said = book.shown()
    book.say("another", parent_id=said[60])
    choose(book, said[61])
    stored = {"_id": ObjectId(book.conversation_id), "userId": ObjectId(book.user_id)}
    book.database["conversations"].update_one(stored, {"$unset": {"shown": ""}})
    assert len(everything_from(book, book.messages.page_around(*book.key, said[60], limit=10))) == 62

    migrate(book.database)
    migrate(book.database)

    assert everything_from(book, book.messages.page_around(*book.key, said[60], limit=10)) == said
    untouched = book.database["conversations"].find_one({"branches": {}, "shown": {"$exists": True}})
    assert untouched is None or untouched["shown"] == {}
