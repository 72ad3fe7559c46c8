"""An index that is built anew: search goes on meanwhile, and so does the work after a kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from bson import ObjectId

from chatapp.clock import utc_now
from chatapp.failpoints import armed
from chatapp.maintenance.indexing import index_what_is_new, rebuild
from tests.support.history import Book, open_book
from tests.support.searching import find, ids, index_all, is_clean

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


def test_a_rebuild_that_was_interrupted_long_ago_begins_anew(book: Book) -> None:
    book.say("needle")
    index_all(book.database)
    book.database["search_entries"].update_many({}, {"$set": {"tokens": ["old"]}})
    place = {"after": ObjectId(book.conversation_id), "at": utc_now() - timedelta(days=2)}
    book.database["meta"].replace_one({"_id": "search_rebuild"}, place, upsert=True)

    assert rebuild(book.database, lambda *_: None) == 1

    assert is_clean(book.database)


def test_a_first_rebuild_builds_the_index_of_words_last_while_search_goes_on(book: Book) -> None:
    said = [open_book(book.database, book.user_id).say(f"a blue needle{number}").id for number in range(30)]
    entries = book.database["search_entries"]
    seen: list[tuple[bool, int | None]] = []

    def look() -> None:
        seen.append(("tokens" in entries.index_information(), find(book, "blue needle").total))

    with armed("search.some_indexed", look):
        rebuild(book.database, lambda *_: None)
    rebuild(book.database, lambda *_: look())

    assert (seen[0], seen[-1]) == ((False, 30), (True, 30))
    assert [ids(find(book, q)) for q in ("blue ", "need", "blue need")] == [said[::-1]] * 3
    assert is_clean(book.database)
