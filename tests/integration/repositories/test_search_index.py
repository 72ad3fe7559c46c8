"""What one step of indexing reads and writes, and what may happen to a conversation meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.failpoints import armed
from chatapp.repositories.search_index import SearchIndex
from tests.support.history import Book, new_id, open_book

Documents = Database[dict[str, Any]]

TITLE = None
"""Stands for the title in the place of a message's id."""


@pytest.fixture
def index(database: Documents) -> SearchIndex:
    return SearchIndex(database)


def say(book: Book, count: int) -> list[str]:
    """With 160 messages there are two pages of 50, and 60 messages that are in none."""
    return [book.say("needle").id for _ in range(count)]


def indexed(book: Book) -> set[str | None]:
    return {entry["messageId"] for entry in book.database["search_entries"].find()}


def index_all(index: SearchIndex) -> None:
    while index.catch_up(1000):
        pass


def test_a_step_reads_no_more_pages_than_it_needs(book: Book, index: SearchIndex) -> None:
    said = say(book, 160)

    assert index.catch_up(10) == 1

    assert indexed(book) == {TITLE, *said[:50]}
    assert index.is_behind()


def test_a_step_indexes_no_more_conversations_than_it_needs(book: Book, index: SearchIndex) -> None:
    for one in (book, open_book(book.database), open_book(book.database)):
        one.say()

    assert [index.catch_up(2) for _ in range(3)] == [2, 1, 0]


def test_pages_that_are_indexed_are_not_read_again(book: Book, index: SearchIndex) -> None:
    said = say(book, 160)
    index.catch_up(10)
    unreadable = {"$unset": {"messages": ""}}
    book.database["message_pages"].update_one({"firstPosition": 0}, unreadable, bypass_document_validation=True)

    index.catch_up(10)

    assert indexed(book) == {TITLE, *said[:100]}


@pytest.mark.parametrize("count", [1, 100])
def test_messages_that_are_indexed_are_not_indexed_again(book: Book, index: SearchIndex, count: int) -> None:
    """Whether they are in a page by then, or in none."""
    said = say(book, 60)
    index_all(index)
    book.database["search_entries"].delete_one({"messageId": said[55]})
    said += say(book, count)

    index_all(index)

    assert indexed(book) == {TITLE, *said} - {said[55]}


def test_a_page_that_does_not_count_yet_is_not_indexed(book: Book, index: SearchIndex) -> None:
    said = say(book, 160)
    pages = book.database["message_pages"]
    page = pages.find_one() or {}
    message = {**page["messages"][0], "id": new_id()}
    pages.insert_one({**page, "_id": ObjectId(), "firstPosition": 100, "count": 1, "messages": [message]})

    index_all(index)

    assert indexed(book) == {TITLE, *said}


def test_deleted_for_good_while_a_part_of_it_is_indexed_leaves_nothing_in_the_index(
    book: Book, index: SearchIndex
) -> None:
    say(book, 160)

    with armed("search.entries_made", lambda: book.conversations.purge(*book.key)):
        index.catch_up(10)

    assert indexed(book) == set()


def test_what_is_taken_out_while_a_part_of_it_is_indexed_is_indexed_from_the_beginning(
    book: Book, index: SearchIndex
) -> None:
    said = say(book, 160)
    index.catch_up(10)
    owned = {"_id": ObjectId(book.conversation_id), "userId": ObjectId(book.user_id)}

    with armed("search.entries_made", lambda: index.remove(owned)):
        index.catch_up(10)
    index_all(index)

    assert indexed(book) == {TITLE, *said}


def test_a_title_that_is_given_while_it_is_indexed_is_indexed_next(book: Book, index: SearchIndex) -> None:
    def give_title() -> None:
        book.conversations.update(*book.key, {"title": "Quay"})

    with armed("search.entries_stored", give_title):
        index.catch_up(10)
    assert index.is_behind()

    index_all(index)

    [entry] = book.database["search_entries"].find()
    assert entry["tokens"] == ["quay"]


def test_a_message_that_is_added_while_it_is_indexed_is_indexed_next(book: Book, index: SearchIndex) -> None:
    said = say(book, 1)

    with armed("search.entries_stored", lambda: said.extend(say(book, 1))):
        index.catch_up(10)
    index_all(index)

    assert indexed(book) == {TITLE, *said}


def test_temporary_chats_are_not_indexed_even_if_they_are_named(book: Book, index: SearchIndex) -> None:
    temporary = book.conversations.create(book.user_id, temporary=True)

    assert index.catch_up(10, [ObjectId(temporary.id)]) == 0
    assert index.catch_up(10, [ObjectId(book.conversation_id)]) == 1


def test_only_conversations_that_are_searched_are_indexed_anew(book: Book, index: SearchIndex) -> None:
    book.conversations.create(book.user_id, temporary=True)
    deleted = open_book(book.database, book.user_id)
    deleted.conversations.purge(*deleted.key)

    assert index.start_over(ObjectId("0" * 24), 10) == [ObjectId(book.conversation_id)]
