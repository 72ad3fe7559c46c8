"""What is found before, while and after it is indexed, and what the answer says of its being complete."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bson import ObjectId
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatapp.models.search_models import SearchOrder, SearchPage
from chatapp.repositories import search_fresh
from chatapp.repositories.search_repository import Found, SearchRepository
from chatapp.repositories.search_shown import ShownRepository
from chatapp.search.query import read_query
from chatapp.search.tokens import index
from tests.support.history import Book, open_book
from tests.support.searching import Documents, find, ids, index_all, is_clean

WORDS = st.sampled_from(
    [
        "sky",
        "Skype",
        "über",
        "UBER",
        "日本語",
        "日本",
        "東京日",
        "สวัสดี",
        "👍🏽",
        "👨‍👩‍👧",
        "getUser",
        "get_user",
        "a/b.py",
        "3.14",
        "x",
    ]
)
MESSAGES = st.lists(WORDS, min_size=1, max_size=4).map(" ".join)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(history=st.lists(MESSAGES, min_size=1, max_size=8), indexed=st.integers(0, 8), data=st.data())
def test_it_finds_what_a_plain_scan_finds_however_much_is_indexed(
    database: Documents, history: list[str], indexed: int, data: st.DataObject
) -> None:
    book = open_book(database)
    said = {}
    for number, content in enumerate(history):
        if number == indexed:
            index_all(database)
        said[book.say(content).id] = content
    word = data.draw(WORDS)
    asked = data.draw(
        st.sampled_from([word, f"{word} ", f'"{data.draw(MESSAGES)}"', word[:1], f"{word} {data.draw(WORDS)}"])
    )
    inside = data.draw(st.booleans())

    for _ in range(2):
        found = find(book, asked, inside_words=inside)
        query = read_query(asked, inside_words=inside)
        scanned = [id_ for id_, text in said.items() if query.asked and query.matches(index(text))]
        assert set(ids(found)) == set(scanned)
        assert (found.total, found.complete) == (len(scanned), True)
        assert {*ids(find(book, asked, inside_words=inside, sort=SearchOrder.BEST))} == set(scanned)
        index_all(database)
    assert is_clean(database)


def test_what_was_said_a_moment_ago_is_found_and_stays_in_its_place(book: Book) -> None:
    said = [book.say(f"needle {number}").id for number in range(5)]
    index_all(book.database)
    said += [book.say(f"needle {number}").id for number in range(5, 9)]

    first = find(book, "needle", limit=3)
    index_all(book.database)
    second = find(book, "needle", limit=10, cursor=first.next_cursor)

    assert ids(first) + ids(second) == said[::-1]
    assert (first.complete, first.behind, second.behind) == (True, 1, 0)
    assert second.next_cursor is None


def test_all_of_a_long_history_is_found_in_pages(book: Book) -> None:
    said = [book.say(f"needle number{number}", parent_id=None).id for number in range(230)]

    before = find(book, "needle", limit=200)
    index_all(book.database)
    pages: list[SearchPage] = []
    cursor = None
    while not pages or cursor:
        page = find(book, "needle", limit=40, cursor=cursor)
        pages.append(page)
        cursor = page.next_cursor

    assert (before.complete, before.behind, before.conversations) == (False, 1, 1)
    assert ids(before)[0] == said[-1]
    assert [id_ for page in pages for id_ in ids(page)] == said[::-1]
    assert {page.total for page in pages} == {230}
    assert ids(find(book, "number7 ")) == [said[7]]
    newest = find(book, "role:user", limit=2)
    assert find(book, "role:user", limit=2, cursor=newest.next_cursor).total == newest.total == 230
    assert is_clean(book.database)


def test_parts_of_words_are_looked_for_in_the_newest_messages_and_the_answer_says_so(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [book.say(f"needle{number}").id for number in range(7)]
    index_all(book.database)

    whole = find(book, "eedl", inside_words=True)
    monkeypatch.setattr("chatapp.repositories.search_repository._MOST_READ", 3)
    part = find(book, "eedl", inside_words=True)

    assert (ids(whole), whole.complete) == (said[::-1], True)
    assert (ids(part), part.complete, part.behind) == (said[:-4:-1], False, 0)
    for asked in ("needle", "role:user"):
        assert (len(find(book, asked).items), find(book, asked).complete) == (7, True)


def test_of_more_than_can_be_compared_the_newest_are_and_the_answer_says_so(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.services.search_service.MOST_COUNTED", 5)
    for number in range(6):
        book.say(f"needle {number}")
        index_all(book.database)
        best = find(book, "needle", sort=SearchOrder.BEST)
        part = find(book, "eedle", inside_words=True)
        assert (best.complete, part.complete) == (number < 5, number < 5)
        assert best.total == part.total == min(number + 1, 5)
        assert find(book, "needle", limit=3).complete


def test_what_the_index_says_of_a_title_that_has_changed_is_not_counted(book: Book) -> None:
    for number in range(5):
        book.say(f"needle {number}")
    book.conversations.update(*book.key, {"title": "A needle"})
    index_all(book.database)
    book.conversations.update(*book.key, {"title": "A pin"})

    assert find(book, "needle", limit=3).total == 5


def test_of_much_that_is_not_indexed_the_newest_is_searched_and_the_answer_says_so(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    older, trashed = (open_book(book.database, book.user_id) for _ in range(2))
    for one in (older, trashed):
        one.say("needle")
        book.database["conversations"].update_one(
            {"_id": ObjectId(one.conversation_id)}, {"$set": {"updatedAt": datetime(2026, 1, 31, tzinfo=UTC)}}
        )
    trashed.conversations.trash(*trashed.key)
    said = [book.say(f"needle {number}").id for number in range(5)]
    everything = find(book, "needle")

    monkeypatch.setattr(search_fresh, "_FRESH_MESSAGES", 3)
    few_messages = find(book, "needle")
    monkeypatch.setattr(search_fresh, "_FRESH_MESSAGES", 200)
    monkeypatch.setattr(search_fresh, "_FRESH_CHARS", len("needle 4") * 2 + 1)
    few_characters = find(book, "needle")
    monkeypatch.setattr(search_fresh, "_FRESH_CONVERSATIONS", 1)
    one_conversation = find(book, "needle")
    monkeypatch.setattr(search_fresh, "_FRESH_CHARS", 1_000)
    all_of_one = find(book, "needle")

    assert (len(everything.items), everything.complete, everything.conversations) == (6, True, None)
    for page in (few_messages, few_characters, one_conversation):
        assert (ids(page), page.complete, page.conversations) == (said[:1:-1], False, 3)
    assert (ids(all_of_one), all_of_one.complete, all_of_one.behind) == (said[::-1], False, 3)
    for one in (older, trashed):
        one.conversations.purge(*one.key)
    assert find(book, "needle").complete


def test_who_does_not_ask_for_the_number_gets_it_only_where_nothing_has_to_be_counted(
    book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [book.say(f"needle {number}").id for number in range(5)]
    index_all(book.database)
    counted = find(book, "needle", limit=3).total
    monkeypatch.delattr(SearchRepository, "count")

    page = find(book, "needle", limit=3, count=False)
    rest = find(book, "needle", limit=3, count=False, cursor=page.next_cursor)

    assert counted == 5
    assert (ids(page), page.total, ids(rest), rest.total) == (said[:1:-1], None, said[1::-1], None)
    assert find(book, "needle", limit=5, count=False).total == 5
    assert find(book, "absent", limit=3, count=False).total == 0
    assert find(book, "eedle", limit=3, count=False, inside_words=True).total == 5
    assert find(book, "needle", limit=3, count=False, sort=SearchOrder.BEST).total == 5


def test_what_was_deleted_for_good_a_moment_ago_is_not_shown(book: Book) -> None:
    found = Found(ObjectId(), ObjectId(book.conversation_id), book.say("needle").id, 1, whole=True)
    shown = ShownRepository(book.database)
    titles, messages = shown.read(book.user_id, [found])
    assert (len(titles), list(messages)) == (1, [(found.conversation_id, found.message_id)])

    book.conversations.purge(*book.key)

    assert shown.read(book.user_id, [found]) == ({}, {})


@pytest.mark.parametrize("later", [0, 130], ids=["in the window", "in pages"])
def test_messages_that_a_client_gave_the_same_id_are_each_shown_in_their_conversation(book: Book, later: int) -> None:
    other = open_book(book.database, book.user_id)
    said = book.say("a red needle").id
    other.say("a blue needle", message_id=said)
    for one in (book, other):
        for _ in range(later):
            one.say("hay")
    index_all(book.database)

    shown = {hit.conversation_id: hit.snippet for hit in find(book, "needle").items}

    assert shown == {book.conversation_id: "a red needle", other.conversation_id: "a blue needle"}
