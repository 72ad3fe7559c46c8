"""A database that a version before has filled is migrated while that version's workers go on serving."""

from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.database.migrations import SCHEMA_VERSION, upgrade
from chatapp.maintenance.check import Check
from chatapp.maintenance.index_check import IndexCheck
from chatapp.models.search_models import SearchOrder
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.search_index import SearchIndex
from tests.support.history import Book
from tests.support.old_worker import OldWorker
from tests.support.processes import wait_until
from tests.support.searching import search_in

Documents = Database[dict[str, Any]]


@dataclass
class Filled:
    """What the old worker has left: a long conversation, one with branches, and one that it goes on branching."""

    old: OldWorker
    long: ObjectId
    branched: ObjectId
    busy: ObjectId


def fill(database: Documents, version: int) -> Filled:
    old = OldWorker(database, version)
    long, branched, busy = (old.begin() for _ in range(3))
    for number in range(230):
        old.say(long, f"line {number}")
    for conversation in (branched, busy):
        said = [old.say(conversation, f"first {number}") for number in range(120)]
        for place in (3, 60):
            old.say(conversation, f"instead of {place + 1}", said[place])
        old.show(conversation, said[-1])
    return Filled(old, long, branched, busy)


def serve(filled: Filled, done: threading.Event, turns: list[int]) -> None:
    """What people do on the old worker until ``done``: say more, begin, branch and choose."""
    old = filled.old
    for number in itertools.count():
        if done.is_set():
            return
        end = old.say(filled.long, f"meanwhile {number}")
        if number % 5 == 0:
            old.say(filled.busy, "another way", list(old.parents[filled.busy])[number % 100])
            old.say(old.begin(), "new")
            old.say(filled.long, "a version", old.parents[filled.long][end])
            old.show(filled.long, end)
        turns.append(number)


def index_all(database: Documents) -> None:
    while SearchIndex(database).catch_up(1000):
        pass


def book_of(database: Documents, old: OldWorker, conversation: ObjectId) -> Book:
    parts = ConversationRepository(database), MessageRepository(database)
    return Book(database, str(old.user_id), str(conversation), *parts)


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_whatever_an_old_worker_writes_meanwhile_everything_is_whole_afterwards(
    empty_database: Documents, version: int
) -> None:
    filled = fill(empty_database, version)
    old, done, turns = filled.old, threading.Event(), list[int]()
    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve, filled, done, turns)
        try:
            wait_until(lambda: len(turns) > 5, what="some turns")
            assert upgrade(empty_database) == SCHEMA_VERSION
            index_all(empty_database)
            so_far = len(turns)
            wait_until(lambda: len(turns) > so_far + 5, what="turns on a migrated database")
        finally:
            done.set()
        serving.result()

    assert Check(empty_database, print).run(repair=True).found == 0
    IndexCheck(empty_database, print).run(repair=True)
    index_all(empty_database)
    assert IndexCheck(empty_database, print).run().found == 0
    for conversation, parents in old.parents.items():
        book = book_of(empty_database, old, conversation)
        assert book.shown(200) == old.branch(conversation, old.active[conversation])
        assert {twig.id: twig.parent_id for twig in book.messages.tree(*book.key, limit=2000).items} == parents
    user = empty_database["users"].find_one({"_id": old.user_id}) or {}
    assert user["storedBytes"] == old.stored_bytes


@pytest.mark.parametrize("version", range(1, SCHEMA_VERSION))
def test_the_branch_that_was_shown_before_is_shown_when_its_beginning_is_chosen(
    empty_database: Documents, version: int
) -> None:
    filled = fill(empty_database, version)
    old, conversation = filled.old, filled.branched

    upgrade(empty_database)

    book = book_of(empty_database, old, conversation)
    leaf, _ = book.messages.choose(*book.key, next(iter(old.parents[conversation])))
    assert leaf == old.active[conversation]


def test_the_check_of_search_finds_what_an_old_worker_said_without_taking_the_mark_off(
    empty_database: Documents,
) -> None:
    filled = fill(empty_database, SCHEMA_VERSION - 1)
    upgrade(empty_database)
    index_all(empty_database)
    said = filled.old.say(filled.long, "needle")
    index_all(empty_database)
    lines: list[str] = []

    assert not IndexCheck(empty_database, lines.append).run().is_well
    assert lines == [f"conversation {filled.long}: 1 entries are missing and 0 are wrong"]
    assert IndexCheck(empty_database, print).run(repair=True).is_well
    index_all(empty_database)

    assert IndexCheck(empty_database, print).run().found == 0
    page = search_in(empty_database).search(
        str(filled.old.user_id), "needle", sort=SearchOrder.NEWEST, inside_words=False, limit=10
    )
    assert [hit.message_id for hit in page.items] == [said]
