"""Searching: what is found before, while and after it is indexed, and nothing of anybody else's."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.database.migrations import upgrade
from chatapp.failpoints import armed
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.index_check import IndexCheck
from chatapp.maintenance.indexing import index_what_is_new, rebuild
from chatapp.maintenance.restore import Restore
from chatapp.models.chat_models import NewMessage
from chatapp.models.search_models import SearchOrder, SearchPage
from chatapp.repositories import search_fresh
from chatapp.repositories.message_marks import MessageMarks
from chatapp.repositories.project_repository import ProjectRepository
from chatapp.repositories.search_filters import SearchFilters
from chatapp.repositories.search_index import START_OVER, SearchIndex
from chatapp.repositories.search_repository import Found, SearchRepository
from chatapp.repositories.search_shown import ShownRepository
from chatapp.search.query import read_query
from chatapp.search.tokens import index
from tests.support.chat_client import Person
from tests.support.history import Book, open_book
from tests.support.processes import wait_until
from tests.support.searching import search_in
from tests.support.server import ServerProcess

Documents = Database[dict[str, Any]]


@pytest.fixture
def book(database: Documents) -> Book:
    return open_book(database)


def find(book: Book, q: str, *, limit: int = 50, **options: Any) -> SearchPage:
    options = {"sort": SearchOrder.NEWEST, "inside_words": False, **options}
    return search_in(book.database).search(book.user_id, q, limit=limit, **options)


def ids(page: SearchPage) -> list[str | None]:
    return [hit.message_id for hit in page.items]


def index_all(database: Documents) -> None:
    while SearchIndex(database).catch_up(1000):
        pass


def is_clean(database: Documents) -> bool:
    lines: list[str] = []
    return IndexCheck(database, lines.append).run().is_well and not lines


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
    monkeypatch.setattr(search_fresh, "_FRESH_CONVERSATIONS", 1)
    one_conversation = find(book, "needle")
    monkeypatch.setattr(search_fresh, "_FRESH_MESSAGES", 200)
    all_of_one = find(book, "needle")

    assert (len(everything.items), everything.complete, everything.conversations) == (6, True, None)
    for page in (few_messages, one_conversation):
        assert (ids(page), page.complete, page.conversations) == (said[:1:-1], False, 3)
    assert (ids(all_of_one), all_of_one.complete, all_of_one.behind) == (said[::-1], False, 3)
    for one in (older, trashed):
        one.conversations.purge(*one.key)
    assert find(book, "needle").complete


def test_what_was_deleted_for_good_a_moment_ago_is_not_shown(book: Book) -> None:
    found = Found(ObjectId(), ObjectId(book.conversation_id), book.say("needle").id, 1, whole=True)
    shown = ShownRepository(book.database)
    titles, messages = shown.read(book.user_id, [found])
    assert (len(titles), list(messages)) == (1, [found.message_id])

    book.conversations.purge(*book.key)

    assert shown.read(book.user_id, [found]) == ({}, {})


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


def test_deleted_for_good_leaves_nothing_in_the_index(book: Book) -> None:
    book.say("needle")
    index_all(book.database)

    book.conversations.purge(*book.key)

    assert book.database["search_entries"].count_documents({}) == 0
    assert find(book, "needle").total == 0


def test_deleted_for_good_while_it_is_indexed_leaves_nothing_in_the_index(book: Book) -> None:
    book.say("needle")

    with armed("search.entries_made", lambda: book.conversations.purge(*book.key)):
        index_all(book.database)

    assert book.database["search_entries"].count_documents({}) == 0


def test_a_message_that_comes_while_it_is_indexed_is_indexed_next(book: Book) -> None:
    book.say("needle")
    said: list[str] = []

    def say() -> None:
        if not said:
            said.append(book.say("needle two").id)

    with armed("search.entries_stored", say):
        index_all(book.database)

    assert said[0] in ids(find(book, "needle"))
    assert is_clean(book.database)
    assert book.database["search_entries"].count_documents({}) == 3


INDEXING = """
import sys
from pymongo import MongoClient
from chatapp.maintenance import indexing
from chatapp.maintenance.indexing import index_what_is_new, rebuild
indexing._CONVERSATIONS = 20
with MongoClient(sys.argv[1], tz_aware=True) as client:
    {"index": index_what_is_new, "rebuild": lambda database: rebuild(database, print)}[sys.argv[3]](client[sys.argv[2]])
"""


def killed(book: Book, uri: str, work: str, point: str) -> None:
    command = [sys.executable, "-c", INDEXING, uri, book.database.name, work]
    environ = {**os.environ, "CHATAPP_FAILPOINTS": point}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    book.database["meta"].delete_many({"_id": "search_index"})  # the lease, which expires by itself in 30 s


@pytest.mark.parametrize("point", ["search.entries_stored=kill", "search.entries_stored=kill@2"])
def test_killed_between_storing_and_marking_it_goes_on(book: Book, mongodb_uri: str, point: str) -> None:
    said = [book.say("needle").id for _ in range(120)]

    killed(book, mongodb_uri, "index", point)
    assert set(ids(find(book, "needle", limit=200))) >= set(said[-50:])
    index_what_is_new(book.database)

    assert set(ids(find(book, "needle", limit=200))) == set(said)
    assert is_clean(book.database)


@pytest.mark.parametrize(
    ("point", "times"), [("search.started_over", 2), ("search.entries_stored", 4), ("search.some_indexed", 4)]
)
def test_a_rebuild_that_was_killed_goes_on(book: Book, mongodb_uri: str, point: str, times: int) -> None:
    said = {open_book(book.database, book.user_id).say("needle").id for _ in range(60)}
    index_all(book.database)

    killed(book, mongodb_uri, "rebuild", f"{point}=kill@{times}")
    assert set(ids(find(book, "needle", limit=200))) == said
    begun_at = (book.database["meta"].find_one({"_id": "search_rebuild"}) or {}).get("after", "the beginning")
    assert rebuild(book.database, lambda *_: None) == 61

    assert begun_at != "the beginning"
    assert set(ids(find(book, "needle", limit=200))) == said
    assert is_clean(book.database)


def test_a_first_rebuild_builds_the_index_of_words_last_while_search_goes_on(book: Book) -> None:
    said = [open_book(book.database, book.user_id).say(f"a blue needle{number}").id for number in range(30)]
    entries = book.database["search_entries"]
    seen: list[tuple[bool, int]] = []

    def look() -> None:
        seen.append(("tokens" in entries.index_information(), find(book, "blue needle").total))

    with armed("search.some_indexed", look):
        rebuild(book.database, lambda *_: None)
    rebuild(book.database, lambda *_: look())

    assert (seen[0], seen[-1]) == ((False, 30), (True, 30))
    assert [ids(find(book, q)) for q in ("blue ", "need", "blue need")] == [said[::-1]] * 3
    assert is_clean(book.database)


def test_the_check_finds_what_is_missing_and_wrong_and_has_it_indexed_again(book: Book) -> None:
    for number in range(3):
        book.say(f"needle {number}")
    index_all(book.database)
    entries = book.database["search_entries"]
    entries.delete_one({"text": {"$regex": "needle 1"}})
    entries.update_one({"text": {"$regex": "needle 2"}}, {"$set": {"text": " other "}})
    entries.insert_one(
        {"userId": ObjectId(), "conversationId": ObjectId(), "messageId": None, "text": "", "tokens": []}
    )
    lines: list[str] = []

    assert IndexCheck(book.database, lines.append).run(repair=True).found == 2
    index_all(book.database)

    assert "1 entries are missing and 1 are wrong" in lines[0]
    assert "needle" not in "".join(lines)
    assert is_clean(book.database)


def test_histories_of_the_version_before_are_indexed_without_being_asked(empty_database: Documents) -> None:
    upgrade(empty_database)
    book = open_book(empty_database)
    said = book.say("needle").id
    index_what_is_new(empty_database)

    assert ids(find(book, "needle")) == [said]
    assert not SearchIndex(empty_database).is_behind()


def test_an_index_that_was_dropped_is_made_anew_while_search_goes_on(book: Book) -> None:
    said = [book.say("needle").id]
    index_all(book.database)
    book.database["search_entries"].drop()
    said.append(book.say("needle").id)
    seen: list[list[str | None]] = []

    with armed("search.entries_made", lambda: seen.append(ids(find(book, "needle ")))):
        index_what_is_new(book.database)

    assert [*seen, ids(find(book, "needle "))] == [said[::-1]] * 2
    assert is_clean(book.database)


def test_a_restored_history_is_indexed_again(book: Book, empty_database: Documents, tmp_path: Path) -> None:
    said = book.say("needle").id
    index_all(book.database)
    back_up_to(tmp_path / "backup.gz", book.database, lambda *_: None)

    Restore(tmp_path / "backup.gz", empty_database, lambda *_: None).run()

    restored = replace(book, database=empty_database)
    assert empty_database["search_entries"].count_documents({}) == 0
    assert ids(find(restored, "needle")) == [said]
    index_all(empty_database)
    assert ids(find(restored, "needle")) == [said]
    assert is_clean(empty_database)


def say(client: FlaskClient, content: str) -> dict[str, Any]:
    conversation = client.post("/api/conversations/", json={"title": "Harbour"}).json
    assert conversation is not None
    message = client.post(f"/api/conversations/{conversation['id']}/messages", json={"content": content}).json
    assert message is not None
    return dict(message)


def test_two_people_with_the_same_words_find_their_own(
    alice: FlaskClient, charlie: FlaskClient, database: Documents
) -> None:
    hers, others = say(alice, "the same words"), say(charlie, "the same words")

    for _ in range(2):
        for client, message in ((alice, hers), (charlie, others)):
            page = client.get("/api/search?q=same words").json
            assert page is not None
            (item,) = page["items"]
            assert (item["messageId"], item["conversationId"], page["total"]) == (
                message["id"],
                message["conversationId"],
                1,
            )
            assert item["snippet"] == "the same words"
            assert item["highlights"] == [[4, 8], [9, 14]]
        index_all(database)
    cursor = alice.get("/api/search?q=h&limit=1").json
    assert cursor is not None
    foreign = charlie.get("/api/search", query_string={"q": "h", "cursor": cursor["nextCursor"] or "x"})
    assert foreign.status_code == 422


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        ("", "required"),
        ("q=" + "a+" * 33, "too_many"),
        ("q=" + "word+" * 10_000, "too_long"),
        ("q=a&sort=oldest", "unknown_value"),
        ("q=a&cursor=nonsense", "invalid_cursor"),
        ("q=a&limit=0", "too_small"),
    ],
)
def test_what_is_beyond_bounds_is_refused_with_its_reason(alice: FlaskClient, query: str, reason: str) -> None:
    answer = alice.get(f"/api/search?{query}")

    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["faults"][0]["reason"] == reason


@pytest.mark.parametrize(
    "q", ["%", ".*", "$where", '"', '"a', "^a", "{}", "\\", "(", "[a-", "a|b", "role:", "\u200d", " "]
)
def test_special_characters_are_text(alice: FlaskClient, database: Documents, q: str) -> None:
    say(alice, "plain xyz")

    for inside in ("false", "true"):
        answer = alice.get("/api/search", query_string={"q": q, "insideWords": inside})
        assert answer.status_code == 200
        assert answer.json is not None
        assert inside == "true" or answer.json["items"] == []
        index_all(database)


def test_a_worker_indexes_what_is_said_and_a_restored_history(mongodb_uri: str, mongo_client: MongoClient[Any]) -> None:
    name = f"chatapp_search_{secrets.token_hex(4)}"
    with ServerProcess({"MONGODB_URI": mongodb_uri, "MONGODB_DB": name}) as server:
        somebody = Person.register(server.base_url)
        conversation = somebody.ask("POST", "/api/conversations", {"title": "Harbour"}, expect=201)["id"]
        for number in range(3):
            body = {"content": f"needle {number}"}
            somebody.ask("POST", f"/api/conversations/{conversation}/messages", body, expect=201)
            assert somebody.ask("GET", "/api/search?q=needle")["total"] == number + 1
        wait_until(lambda: mongo_client[name]["search_entries"].count_documents({}) == 4, 20)
        mongo_client[name]["search_entries"].delete_many({})
        mongo_client[name]["conversations"].update_many({}, START_OVER)
        wait_until(lambda: somebody.ask("GET", "/api/search?q=needle")["behind"] == 0, 20)
        assert somebody.ask("GET", "/api/search?q=needle")["total"] == 3
    mongo_client.drop_database(name)
