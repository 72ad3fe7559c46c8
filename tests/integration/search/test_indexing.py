"""The index of what was said: it follows every change, and what is wrong with it is found and mended."""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient

from chatapp.database.migrations import upgrade
from chatapp.failpoints import armed
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.index_check import IndexCheck
from chatapp.maintenance.indexing import index_what_is_new
from chatapp.maintenance.restore import Restore
from chatapp.repositories.search_index import START_OVER, SearchIndex
from chatapp.repositories.search_repository import SearchRepository, Way
from tests.support.chat_client import Person
from tests.support.history import Book, open_book
from tests.support.processes import wait_until
from tests.support.searching import Documents, find, ids, index_all, is_clean
from tests.support.server import ServerProcess


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


@pytest.mark.parametrize(
    "change",
    [
        {"$set": {"text": " other "}},
        {"$set": {"tokens": ["needle"]}},
        {"$set": {"role": "assistant"}},
        {"$set": {"model": "other"}},
        {"$unset": {"code": ""}},
        {"$set": {"messageId": "other"}},
        {"$set": {"messageId": None}},
        {"$set": {"userId": ObjectId()}},
        {"$set": {"conversationId": ObjectId()}},
    ],
    ids=["text", "tokens", "role", "model", "code", "message", "title", "owner", "conversation"],
)
def test_the_check_finds_whatever_is_wrong_with_an_entry_and_has_it_mended(book: Book, change: dict[str, Any]) -> None:
    said = book.say("needle\n```\nhay\n```").id
    index_all(book.database)
    entries = book.database["search_entries"]
    entries.update_one({"messageId": said}, change)

    assert not is_clean(book.database)
    IndexCheck(book.database, lambda _: None).run(repair=True)
    index_all(book.database)

    assert is_clean(book.database)
    assert entries.count_documents({}) == 2
    assert ids(find(book, "needle has:code role:user")) == [said]


def test_what_is_indexed_while_it_is_taken_out_of_the_index_is_indexed_again(book: Book) -> None:
    said = book.say("needle").id
    index_all(book.database)
    conversation = book.database["conversations"].find_one({}) or {}

    with armed("search.started_over", lambda: index_all(book.database)):
        SearchIndex(book.database).remove(conversation)
    index_all(book.database)

    assert ids(find(book, "needle")) == [said]


def test_what_is_taken_out_of_the_index_while_it_is_indexed_is_indexed_again(book: Book) -> None:
    said = book.say("needle").id
    conversation = book.database["conversations"].find_one({}) or {}

    with armed("search.entries_stored", lambda: SearchIndex(book.database).remove(conversation)):
        SearchIndex(book.database).catch_up(25)
    index_all(book.database)

    assert book.database["search_entries"].count_documents({"messageId": said}) == 1
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


@pytest.mark.parametrize(
    "gone", ["newest", "tokens", "both", "the entries", "all of them", "both, while it is searched"]
)
def test_until_a_lost_index_is_made_anew_nothing_fails_and_nothing_is_silently_empty(
    empty_database: Documents, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    upgrade(empty_database)
    here = open_book(empty_database)
    said = [here.say(f"needle {number}").id for number in range(5)]
    index_all(here.database)
    entries = here.database["search_entries"]

    def lose(*names: str) -> None:
        for name in names:
            entries.drop_index(name)

    way = SearchRepository.way

    def way_to_what_is_gone_then(*args: Any) -> Way:
        found = way(*args)
        if "tokens" in entries.index_information():
            lose("newest", "tokens")
        return found

    match gone:
        case "newest" | "tokens":
            lose(gone)
        case "both":
            lose("newest", "tokens")
        case "the entries":
            entries.drop()
        case "all of them":
            entries.delete_many({})
        case _:
            monkeypatch.setattr(SearchRepository, "way", way_to_what_is_gone_then)

    asked = ["needle", "needle 3", "nee", "role:user", "absent"]
    pages = [find(here, one, inside_words=inside) for one in asked for inside in (False, True)]
    assert all(page.total or not page.complete for page in pages[:-2])
    if gone in ("the entries", "all of them"):
        assert not any(page.complete for page in pages)
    monkeypatch.undo()
    upgrade(here.database)  # a worker that starts makes what is missing, and nothing is in it

    index_what_is_new(here.database)
    assert ids(find(here, "needle")) == said[::-1]


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


def test_a_worker_indexes_what_is_said_and_a_restored_history(mongodb_uri: str, mongo_client: MongoClient[Any]) -> None:
    name = f"chatapp_search_{secrets.token_hex(4)}"
    with ServerProcess({"MONGODB_URI": mongodb_uri, "MONGODB_DB": name}) as server:
        somebody = Person.register(server.base_url)
        conversation = somebody.ask("POST", "/api/conversations", {"title": "Harbour"}, expect=201)["id"]
        for number in range(3):
            body = {"content": f"needle {number}"}
            somebody.ask("POST", f"/api/conversations/{conversation}/messages", body, expect=201)
            assert somebody.ask("GET", "/api/search?q=needle")["total"] == number + 1
        wait_until(lambda: mongo_client[name]["search_entries"].count_documents({}) == 4)
        mongo_client[name]["search_entries"].delete_many({})
        mongo_client[name]["conversations"].update_many({}, START_OVER)
        wait_until(lambda: somebody.ask("GET", "/api/search?q=needle")["behind"] == 0)
        assert somebody.ask("GET", "/api/search?q=needle")["total"] == 3
    mongo_client.drop_database(name)


@pytest.mark.parametrize(
    "damage",
    [{"$unset": {f"messages.0.{field}": ""}} for field in ("id", "createdAt", "content", "role")]
    + [{"$set": {f"messages.0.{field}": 5}} for field in ("id", "createdAt", "content", "role", "model")]
    + [{"$set": {"messages.0": None}}, {"$set": {"messages.0.role": "other"}}],
    ids=str,
)
@pytest.mark.parametrize("first", ["indexed", "damaged"])
def test_a_damaged_message_is_not_found_and_holds_up_nobody(book: Book, damage: dict[str, Any], first: str) -> None:
    book.say("needle")
    said = [book.say("needle").id, open_book(book.database, book.user_id).say("needle").id]
    if first == "indexed":
        index_all(book.database)
    book.database["conversations"].update_one({"_id": ObjectId(book.conversation_id)}, damage)

    for asked in ("needle", "role:user"):
        assert set(said) <= set(ids(find(book, asked)))
    index_what_is_new(book.database)

    assert not SearchIndex(book.database).is_behind()
    for asked in ("needle", "role:user"):
        assert set(said) <= set(ids(find(book, asked)))
