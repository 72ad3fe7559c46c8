"""What words and filters leave, and in which order."""

from __future__ import annotations

import pytest

from chatapp.models.chat_models import NewMessage
from chatapp.models.search_models import SearchOrder
from chatapp.repositories.message_marks import MessageMarks
from chatapp.repositories.project_repository import ProjectRepository
from chatapp.repositories.search_filters import SearchFilters
from chatapp.repositories.search_repository import SearchRepository
from chatapp.search.query import read_query
from tests.support.history import Book, open_book
from tests.support.searching import find, ids, index_all, is_clean


@pytest.mark.parametrize("common", [False, True])
def test_beginnings_of_words_give_the_newest_first(book: Book, monkeypatch: pytest.MonkeyPatch, common: bool) -> None:
    if common:
        monkeypatch.setattr("chatapp.repositories.search_repository._FEW", 2)
    book.say("knee hay")
    said = [book.say(f"needle{number} hay").id for number in range(10)]
    index_all(book.database)

    first = find(book, "nee", limit=4)
    rest = find(book, "nee", limit=10, cursor=first.next_cursor)

    assert ids(first) + ids(rest) == said[::-1]
    assert (ids(find(book, "hay nee", limit=3)), first.total) == (said[:-4:-1], 10)


def test_the_rarest_of_the_longest_words_leads_to_what_is_asked_for(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.repositories.search_repository._COMPARED", 0)
    monkeypatch.setattr("chatapp.repositories.search_repository._MOST_COMPARED", 2)
    book.say("sometime")
    book.say("always")
    index_all(book.database)
    query = read_query("sometime always zz ", inside_words=False)
    condition = SearchFilters(book.database).condition(book.user_id, query.filters)

    assert SearchRepository(book.database).way(query, condition).token == "sometime"

    monkeypatch.setattr("chatapp.repositories.search_repository._COMPARED", 1)
    book.say("sometime")
    index_all(book.database)
    assert SearchRepository(book.database).way(query, condition).token == "always", "of which there is but one"


def test_titles_are_found_as_they_are_now(book: Book) -> None:
    book.conversations.update(*book.key, {"title": "Old harbour"})
    index_all(book.database)
    book.conversations.update(*book.key, {"title": "New port"})
    book.say("by the port")

    for _ in range(2):
        assert find(book, "harbour").items == ()
        title, message = find(book, "port", sort=SearchOrder.BEST).items
        assert (title.message_id, title.snippet, title.title) == (None, "New port", "New port")
        assert message.snippet == "by the port"
        assert ids(find(book, "port in:title")) == [None]
        index_all(book.database)
    assert book.conversations.retitle(*book.key, "New port", "Quay")
    assert find(book, "quay").total == 1
    assert ids(find(book, "port in:title")) == []
    assert is_clean(book.database)


def test_filters_leave_only_what_they_name(book: Book) -> None:
    other = open_book(book.database, book.user_id)
    mine = book.say("a needle").id
    code = book.say("a needle\n```\ncode\n```").id
    others = other.say("another needle").id
    book.database["conversations"].update_one({"messages.id": mine}, {"$set": {"messages.$.model": "small"}})
    project = ProjectRepository(book.database).create(book.user_id, "Harbour", None, None).id
    book.conversations.update(*book.key, {"tags": ("my trip",), "archived": True, "project_id": project})
    other.conversations.update(*other.key, {"tags": ("another trip",)})

    for _ in range(2):
        assert set(ids(find(book, "needle"))) == {mine, code, others}
        assert set(ids(find(book, 'needle tag:"my trip"'))) == {mine, code}
        assert set(ids(find(book, 'needle tag:"My Trip"'))) == {mine, code}
        assert ids(find(book, "needle tag:trip")) == []
        assert ids(find(book, "has:code")) == [code]
        assert ids(find(book, "needle role:assistant")) == []
        assert set(ids(find(book, "needle role:user after:2020"))) == {mine, code, others}
        assert ids(find(book, "needle before:2020-02-01")) == ids(find(book, "needle after:2100")) == []
        assert ids(find(book, "needle model:other")) == []
        assert ids(find(book, "needle model:small before:2100")) == [mine]
        assert set(ids(find(book, f"needle project:{project}"))) == {mine, code}
        assert set(ids(find(book, "needle project:harbour"))) == {mine, code}
        assert ids(find(book, "needle project:port")) == []
        index_all(book.database)

    MessageMarks(book.database).star(*book.key, code, starred=True)
    assert ids(find(book, "is:starred needle")) == [code]
    other.conversations.trash(*other.key)
    assert set(ids(find(book, "needle"))) == {mine, code}
    assert ids(find(book, "needle in:trash")) == [others]
    other.conversations.restore(*other.key)
    assert others in ids(find(book, "needle"))


def test_all_filters_have_to_be_true_and_of_what_a_message_has_only_one_any_will_do(book: Book) -> None:
    other = open_book(book.database, book.user_id)
    said = book.say("needle").id
    said_there = other.say("needle").id
    book.conversations.update(*book.key, {"tags": ("red", "blue"), "title": "needle"})
    other.conversations.update(*other.key, {"tags": ("blue",)})
    project = ProjectRepository(book.database).create(book.user_id, "Harbour", None, None).id
    book.conversations.update(*book.key, {"project_id": project})
    book.marks.star(*book.key, said, starred=True)

    for _ in range(2):
        for asked in (
            "tag:red tag:blue in:title",
            f"project:port project:{project} in:title",
            "before:2100 before:2200 after:2000 after:1990 in:title tag:red",
        ):
            assert ids(find(book, asked)) == [None]
        for asked in (
            "needle tag:blue tag:red tag:green",
            "needle tag:red project:port",
            "needle role:assistant project:harbour",
            "needle before:2000 before:2100",
            "needle after:2100 after:2000",
            "is:starred in:title",
        ):
            assert ids(find(book, asked)) == []
        assert ids(find(book, "is:starred tag:blue role:user role:user")) == [said]
        assert set(ids(find(book, "tag:blue needle role:assistant role:user"))) == {said, said_there}
        index_all(book.database)


def test_temporary_chats_are_never_found(book: Book) -> None:
    hidden = book.conversations.create(book.user_id, temporary=True, title="needle")
    book.messages.append(book.user_id, hidden.id, NewMessage("needle"))

    for _ in range(2):
        assert find(book, "needle").items == ()
        index_all(book.database)


def test_what_fits_best_comes_first(book: Book) -> None:
    exact = book.say("port").id
    long = book.say("port " + " ".join(f"word{number}" for number in range(50))).id
    begun = book.say("portrait").id

    for _ in range(2):
        assert ids(find(book, "port", sort=SearchOrder.BEST)) == [exact, long, begun]
        assert ids(find(book, "port", sort=SearchOrder.NEWEST)) == [begun, long, exact]
        first = find(book, "port", sort=SearchOrder.BEST, limit=1)
        assert ids(find(book, "port", sort=SearchOrder.BEST, cursor=first.next_cursor)) == [long, begun]
        index_all(book.database)


def test_of_several_words_the_last_one_may_be_the_beginning_of_another_and_fits_best_where_it_is_whole(
    book: Book,
) -> None:
    whole = book.say("blue port").id
    begun = book.say("blue portrait").id

    for _ in range(2):
        assert ids(find(book, "blue port", sort=SearchOrder.BEST)) == [whole, begun]
        assert ids(find(book, '"port blue"')) == ids(find(book, "port/blue")) == []
        index_all(book.database)
