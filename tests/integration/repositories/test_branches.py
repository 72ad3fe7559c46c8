"""A branch costs the same wherever it lies in the log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.errors import ConversationNotFound, Invalid, MessageNotFound
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.cursors import BranchCursor, scope
from tests.integration.repositories.test_queries import Profile
from tests.support.history import Book, new_id
from tests.support.long_conversations import PER_PAGE, store_conversation
from tests.support.queries import Queries

LENGTH = 2_000
PAGE = 50


@pytest.fixture
def queries() -> Queries:
    return Queries()


@pytest.fixture
def book(database: Database[dict[str, Any]], mongodb_uri: str, queries: Queries) -> Iterator[Book]:
    """A conversation of 2,000 messages in 39 pages and a window."""
    user_id = str(ObjectId())
    conversation_id = store_conversation(database, user_id, LENGTH)
    with MongoClient[dict[str, Any]](mongodb_uri, tz_aware=True, event_listeners=[queries]) as client:
        listened = client[database.name]
        yield Book(listened, user_id, conversation_id, ConversationRepository(listened), MessageRepository(listened))


def stored_ids(book: Book) -> list[str]:
    pages = (
        book.database["message_pages"].find({"conversationId": ObjectId(book.conversation_id)}).sort("firstPosition")
    )
    return [entry["id"] for page in pages for entry in page["messages"]] + [one.id for one in book.window().messages]


def test_a_page_is_read_by_the_same_queries_wherever_its_branch_lies(book: Book, queries: Queries) -> None:
    ids = stored_ids(book)
    for position in range(PER_PAGE - 1, LENGTH, LENGTH // 50):
        said = book.say("edited", parent_id=ids[position])
        queries.commands.clear()

        page = book.messages.page(*book.key, limit=PAGE)

        assert [message.id for message in page.items] == [*ids[position - PAGE + 2 : position + 1], said.id]
        assert len(queries.of("conversations")) == 1
        assert len(queries.of("message_pages")) <= 2, "the page that the parent is in, and the one before it"


def test_the_next_page_of_a_branch_far_back_is_read_by_the_same_queries(book: Book, queries: Queries) -> None:
    ids = stored_ids(book)
    said = book.say("edited", parent_id=ids[199])
    newest = book.messages.page(*book.key, limit=1)
    queries.commands.clear()

    page = book.messages.page(*book.key, limit=PAGE, cursor=newest.next_cursor)

    assert [message.id for message in newest.items] == [said.id]
    assert [message.id for message in page.items] == ids[150:200]
    assert len(queries.commands) == 2


def test_newer_messages_are_read_page_by_page(book: Book, queries: Queries) -> None:
    ids = stored_ids(book)
    around = book.messages.page_around(*book.key, ids[500], limit=2)
    queries.commands.clear()

    page = book.messages.page(*book.key, limit=PAGE, cursor=around.previous_cursor)

    assert [message.id for message in page.items] == ids[502 : 502 + PAGE]
    assert len(queries.of("message_pages")) <= 4, "two to find each of the pages that they are in"


def test_a_branch_that_jumps_again_and_again_reads_each_page_that_it_needs_once(book: Book, queries: Queries) -> None:
    ids = stored_ids(book)
    branch = [book.say("0", parent_id=ids[PER_PAGE]).id]
    for number in range(1, 5):
        main = book.window().messages[-1].id
        for _ in range(60):
            book.say("main", parent_id=main)
        branch.append(book.say(str(number), parent_id=branch[-1]).id)
    queries.commands.clear()

    page = book.messages.page(*book.key, limit=7)

    assert [message.id for message in page.items] == [*ids[PER_PAGE - 1 : PER_PAGE + 1], *branch]
    assert len(queries.of("message_pages")) <= len(branch) + 2


@pytest.mark.parametrize("place", [10, LENGTH - 1])
def test_a_reply_to_an_old_message_looks_at_few_documents(book: Book, queries: Queries, place: int) -> None:
    """Also to one without a child, which is looked for in all that was written since."""
    ids = stored_ids(book)
    leaf = book.say("the end of an old branch", parent_id=ids[place])
    for _ in range(120):
        book.say("the main branch goes on", parent_id=ids[-1])
    with Profile(book.database) as profile:
        reply = book.say("at the end of the old branch", parent_id=leaf.id)

    assert reply.sibling_ids == ()
    assert sum(operation["docsExamined"] for operation in profile.operations("message_pages")) <= 2


def test_a_cursor_to_a_message_of_another_conversation_is_invalid(book: Book) -> None:
    other = store_conversation(book.database, book.user_id, 120)
    elsewhere = book.messages.page(book.user_id, other, limit=1).items[0]
    ids = stored_ids(book)
    this_list = scope("messages", conversation=book.conversation_id)

    for cursor in (BranchCursor(300, elsewhere.id), BranchCursor(300, new_id()), BranchCursor(300, ids[300])):
        with pytest.raises(Invalid) as refused:
            book.messages.page(*book.key, limit=5, cursor=cursor.encode(this_list))
        assert "cursor" in refused.value.fields


def test_a_message_in_a_page_of_another_conversation_is_not_found(book: Book) -> None:
    other = store_conversation(book.database, book.user_id, 120)
    first = book.messages.tree(book.user_id, other, limit=1).items[0]
    assert book.messages.find(book.user_id, other, first.id)[1] == 0

    with pytest.raises(MessageNotFound):
        book.messages.find(*book.key, first.id)


def test_a_conversation_deleted_while_it_is_read_is_not_found(book: Book) -> None:
    window = book.window()
    branch = book.messages.branch(window)
    for _ in range(len(window.messages)):
        next(branch)
    book.conversations.purge(*book.key)

    with pytest.raises(ConversationNotFound):
        next(branch)
