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
from chatapp.database.indexes import INDEXES
from chatapp.database.migrations import SchemaTooNew, upgrade
from chatapp.database.validators import VALIDATORS


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
    assert version(empty_database) == 1


def test_a_second_upgrade_changes_nothing(empty_database: Database[dict[str, Any]]) -> None:
    upgrade(empty_database)
    before = schema(empty_database)

    empty_database.command({"profile": 2})
    assert upgrade(empty_database) == 1
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


def test_a_database_of_a_newer_version_is_refused_in_one_line_and_untouched(
    empty_database: Database[dict[str, Any]],
) -> None:
    empty_database["meta"].insert_one({"_id": "schema", "version": 1000})

    with pytest.raises(SchemaTooNew) as refused:
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
    empty_database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = empty_database.client.admin.command("hello")["localTime"].timestamp() + 1
    empty_database["meta"].insert_one({"_id": "migration_lock", "owner": "dead", "until": _moment(soon)})
    began = time.monotonic()

    upgrade(empty_database)

    assert 0.5 < time.monotonic() - began < 10


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
