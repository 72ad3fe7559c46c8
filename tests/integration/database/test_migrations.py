"""Databases are brought to the schema of the code, by however many workers start at once."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import WriteError

from chatapp.clock import utc_now
from chatapp.database.diagnosis import DatabaseUnusable
from chatapp.database.indexes import INDEXES
from chatapp.database.lease import LEASE_MS
from chatapp.database.migrations import SCHEMA_VERSION, upgrade
from chatapp.database.validators import VALIDATORS
from tests.support.history import open_book


def version(database: Database[dict[str, Any]]) -> int | None:
    document = database["meta"].find_one({"_id": "schema"})
    return document["version"] if document else None


def schema(database: Database[dict[str, Any]]) -> dict[str, Any]:
    """Validators and indexes, as the server has them."""
    return {
        one["name"]: (one["options"].get("validator"), database[one["name"]].index_information())
        for one in database.list_collections()
        if not one["name"].startswith("system.")
    }


def test_an_empty_database_gets_everything(empty_database: Database[dict[str, Any]]) -> None:
    upgrade(empty_database)

    found = schema(empty_database)
    for name, validator in VALIDATORS.items():
        assert found[name][0] == validator
    for name, indexes in INDEXES.items():
        assert set(found[name][1]) == {"_id_", *(index.document["name"] for index in indexes)}
    assert version(empty_database) == SCHEMA_VERSION


def test_a_second_upgrade_changes_nothing(empty_database: Database[dict[str, Any]]) -> None:
    upgrade(empty_database)
    before = schema(empty_database)

    empty_database.command({"profile": 2})
    assert upgrade(empty_database) == SCHEMA_VERSION
    empty_database.command({"profile": 0})

    assert schema(empty_database) == before
    done = empty_database["system.profile"].find({"op": "command"}, {"command": 1})
    commands = {next(iter(entry["command"])) for entry in done}
    assert not commands & {"collMod", "create", "createIndexes"}


def test_what_is_missing_or_differs_is_put_right(empty_database: Database[dict[str, Any]]) -> None:
    upgrade(empty_database)
    before = schema(empty_database)
    empty_database["conversations"].drop_index("listed")
    empty_database.command("collMod", "conversations", validator={})
    empty_database["chat_sessions"].drop()

    upgrade(empty_database)

    assert schema(empty_database) == before


@pytest.mark.parametrize(
    ("collection", "name", "keys", "options"),
    [
        ("conversations", "listed", [("userId", 1), ("updatedAt", 1)], {}),
        ("conversations", "trashed", [("userId", 1), ("pinned", -1), ("updatedAt", -1), ("_id", -1)], {}),
        ("users", "email", [("email", 1)], {}),
        ("sign_ins", "token", [("tokenHash", 1)], {"unique": True, "sparse": True}),
        ("sign_ins", "expiry", [("expiresAt", 1)], {"expireAfterSeconds": 3600}),
        ("chat_sessions", "expiry", [("expiresAt", 1)], {}),
    ],
)
def test_an_index_whose_definition_changed_is_changed(
    empty_database: Database[dict[str, Any]], collection: str, name: str, keys: list[Any], options: dict[str, Any]
) -> None:
    upgrade(empty_database)
    before = schema(empty_database)
    empty_database[collection].drop_index(name)
    empty_database[collection].create_index(keys, name=name, **options)

    upgrade(empty_database)

    assert schema(empty_database) == before


def test_a_validator_that_only_warns_is_made_strict_again(empty_database: Database[dict[str, Any]]) -> None:
    upgrade(empty_database)
    empty_database.command("collMod", "users", validationAction="warn", validationLevel="moderate")

    upgrade(empty_database)

    with pytest.raises(WriteError, match="validation"):
        empty_database["users"].insert_one({"email": "a@example.org"})


def test_an_index_that_becomes_unique_is_never_missing(empty_database: Database[dict[str, Any]]) -> None:
    upgrade(empty_database)
    empty_database["users"].drop_index("email")
    empty_database["users"].create_index("email", name="email")

    empty_database.command({"profile": 2})
    upgrade(empty_database)
    empty_database.command({"profile": 0})

    done = empty_database["system.profile"].find({"op": "command"}, {"command": 1})
    assert not {next(iter(entry["command"])) for entry in done} & {"dropIndexes", "createIndexes"}


def test_workers_of_the_version_before_serve_while_definitions_change(
    empty_database: Database[dict[str, Any]],
) -> None:
    upgrade(empty_database)
    book = open_book(empty_database)
    said = [book.say(str(number)).id for number in range(120)]
    before = schema(empty_database)
    for collection, name in (("conversations", "listed"), ("sign_ins", "user_devices"), ("message_pages", "position")):
        empty_database[collection].drop_index(name)
        empty_database[collection].create_index([("userId", 1), ("_id", 1)], name=name)
    empty_database.command("collMod", "conversations", validator={})
    done = threading.Event()

    def serve() -> int:
        while not done.is_set():
            said.append(book.say("meanwhile").id)
            assert book.shown(200) == said
            assert len(book.conversations.list(book.user_id, limit=10).items) == 1
        return len(said)

    with ThreadPoolExecutor(1) as pool:
        serving = pool.submit(serve)
        upgrade(empty_database)
        done.set()
        assert serving.result() > 120

    assert schema(empty_database) == before


def test_a_database_of_a_newer_version_is_refused_in_one_line_and_untouched(
    empty_database: Database[dict[str, Any]],
) -> None:
    empty_database["meta"].insert_one({"_id": "schema", "version": 1000})

    with pytest.raises(DatabaseUnusable) as refused:
        upgrade(empty_database)

    line = str(refused.value)
    assert "\n" not in line
    assert "1000" in line
    assert empty_database.list_collection_names() == ["meta"]


def test_of_workers_that_start_at_once_one_migrates_and_the_others_wait(
    empty_database: Database[dict[str, Any]],
) -> None:
    ran: list[str] = []

    def slowly(_database: Database[dict[str, Any]]) -> None:
        ran.append("first")
        time.sleep(0.5)

    def then(_database: Database[dict[str, Any]]) -> None:
        ran.append("second")

    gate = threading.Barrier(4)

    def start() -> tuple[int, int]:
        gate.wait()
        return upgrade(empty_database, (slowly, then)), len(ran)

    with ThreadPoolExecutor(4) as pool:
        ends = [future.result() for future in [pool.submit(start) for _ in range(4)]]

    assert ends == [(2, 2)] * 4
    assert ran == ["first", "second"]


def test_a_migration_that_takes_longer_than_the_lease_is_waited_for(
    empty_database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatapp.database.lease.LEASE_MS", 1500)
    begun = threading.Event()
    ran: list[str] = []

    def slowly(_database: Database[dict[str, Any]]) -> None:
        ran.append("begun")
        begun.set()
        time.sleep(3)
        ran.append("ended")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(upgrade, empty_database, (slowly,))
        assert begun.wait(30)
        second = pool.submit(upgrade, empty_database, (slowly,))
        assert (first.result(), second.result()) == (1, 1)

    assert ran == ["begun", "ended"]


def test_a_worker_that_lost_its_lease_does_not_say_that_it_has_migrated(
    empty_database: Database[dict[str, Any]],
) -> None:
    ran: list[str] = []

    def paused(database: Database[dict[str, Any]]) -> None:
        """The machine sleeps for longer than the lease, and another worker begins."""
        ran.append("ran")
        if len(ran) == 1:
            database["meta"].update_one({"_id": "migration_lock"}, {"$set": {"owner": "another", "until": _moment(0)}})

    assert upgrade(empty_database, (paused,)) == 1

    assert ran == ["ran", "ran"]


def test_a_migration_that_was_cut_off_runs_again(empty_database: Database[dict[str, Any]]) -> None:
    ran: list[str] = []

    def cut_off(_database: Database[dict[str, Any]]) -> None:
        ran.append("begun")
        if len(ran) == 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        upgrade(empty_database, (cut_off,))
    assert version(empty_database) is None

    assert upgrade(empty_database, (cut_off,)) == 1
    assert ran == ["begun", "begun"]


def test_a_dead_workers_lock_is_waited_out(
    empty_database: Database[dict[str, Any]],
) -> None:
    began = time.monotonic()
    soon = empty_database.client.admin.command("hello")["localTime"].timestamp() + 1
    empty_database["meta"].insert_one({"_id": "migration_lock", "owner": "dead", "until": _moment(soon)})

    upgrade(empty_database)

    assert 0.9 < time.monotonic() - began < LEASE_MS / 1000


def _moment(seconds: float) -> Any:
    return type(utc_now()).fromtimestamp(seconds, utc_now().tzinfo)


@pytest.mark.parametrize(
    ("collection", "document"),
    [
        ("conversations", {"userId": ObjectId(), "title": 5}),
        ("conversations", {"userId": "not an id", "purgedAt": utc_now()}),
        ("message_pages", {"userId": ObjectId(), "conversationId": ObjectId()}),
        ("generations", {"_id": ObjectId(), "userId": ObjectId(), "conversationId": ObjectId()}),
        ("chat_sessions", {"userId": ObjectId()}),
        ("users", {"email": "a@example.org"}),
        ("sign_ins", {"tokenHash": "x"}),
    ],
)
def test_what_no_program_of_this_version_writes_is_refused(
    database: Database[dict[str, Any]], collection: str, document: dict[str, Any]
) -> None:
    with pytest.raises(WriteError, match="validation"):
        database[collection].insert_one(document)
