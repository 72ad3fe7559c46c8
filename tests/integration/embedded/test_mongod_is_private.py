"""The embedded MongoDB is only for the application, and for whoever runs it."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from pymongo.errors import OperationFailure, PyMongoError

from tests.integration.embedded.installation import DATABASE, Client, Installation, client_of
from tests.support.processes import command_line

UNAUTHORIZED = {13, 18}


def stranger(path: Path, timeout_ms: int = 5_000) -> Client:
    """Without the password, but with the rights of the user who runs it: nobody else even reaches the socket."""
    return Client(f"mongodb://{quote_plus(str(path))}/", directConnection=True, serverSelectionTimeoutMS=timeout_ms)


def test_the_application_may_do_all_it_needs_in_its_database(running: Installation) -> None:
    with client_of(running) as client:
        database = client[DATABASE]
        database.create_collection("things", validator={"$jsonSchema": {"bsonType": "object"}})
        database.command("collMod", "things", validator={})
        database.things.create_index("name", unique=True)
        with database.watch() as changes, client.start_session() as session:
            with session.start_transaction():
                database.things.insert_one({"name": "one"}, session=session)
            assert next(changes)["fullDocument"]["name"] == "one"


def test_it_may_do_nothing_outside_of_it(running: Installation) -> None:
    with client_of(running) as client:
        attempts: list[tuple[str, dict[str, Any]]] = [
            ("other", {"insert": "things", "documents": [{}]}),
            ("local", {"find": "oplog.rs"}),
            ("admin", {"createUser": "more", "pwd": "x", "roles": ["root"]}),
            ("admin", {"shutdown": 1}),
        ]
        for database, command in attempts:
            with pytest.raises(OperationFailure) as refusal:
                client[database].command(command)
            assert refusal.value.code in UNAUTHORIZED


@pytest.mark.parametrize(
    "command",
    [
        {"listDatabases": 1},
        {"find": "things", "$db": DATABASE},
        {"createUser": "me", "pwd": "x", "roles": ["root"]},
        {"replSetGetConfig": 1},
        {"shutdown": 1},
    ],
)
def test_nobody_without_the_password_is_answered(running: Installation, command: dict[str, Any]) -> None:
    assert running.mongod is not None
    with stranger(running.mongod.socket) as client, pytest.raises(OperationFailure) as refusal:
        client.admin.command({name: value for name, value in command.items() if name != "$db"})
    assert refusal.value.code in UNAUTHORIZED


def test_nobody_can_become_a_user_while_it_starts_for_the_first_time(installation: Installation) -> None:
    done = threading.Event()
    codes: set[object] = set()

    def try_to_take_it_over() -> None:
        """All the time, and until it has been answered at least once."""
        while not done.is_set() or not codes & UNAUTHORIZED:
            try:
                with stranger(path, timeout_ms=100) as client:
                    client.admin.command("createUser", "intruder", pwd="x", roles=["root"])
                codes.add(0)
            except PyMongoError as error:
                codes.add(getattr(error, "code", None))

    mongod = installation.create()
    path = mongod.socket
    intruder = threading.Thread(target=try_to_take_it_over, daemon=True)
    intruder.start()
    mongod.start()
    mongod.wait(lambda: None)
    done.set()
    intruder.join(60)
    assert codes & UNAUTHORIZED
    assert 0 not in codes


def test_only_its_owner_reaches_its_socket(running: Installation) -> None:
    assert running.mongod is not None
    path = running.mongod.socket
    assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the kernel's tables of connections")
def test_it_listens_nowhere_else(running: Installation) -> None:
    assert running.mongod is not None
    assert running.mongod.child.pid is not None
    assert listening_on(running.mongod.child.pid) == [str(running.mongod.socket)]


def listening_on(pid: int) -> list[str]:
    """The TCP ports and the paths of Unix sockets that a process listens on."""
    links = [str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir() if entry.is_symlink()]
    own = {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:[")}
    tcp = [row for name in ("tcp", "tcp6") for row in rows_of(name) if row[3] == "0A" and row[9] in own]
    unix = [row for row in rows_of("unix") if row[5] == "01" and row[6] in own and row[3] == "00010000"]
    return [row[1] for row in tcp] + [row[7] for row in unix]


def rows_of(table: str) -> list[list[str]]:
    return [line.split() for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]]


def test_it_compresses_no_messages(running: Installation) -> None:
    """CVE-2025-14847 is in the decompression of messages, which happens before anybody has to sign in."""
    assert running.mongod is not None
    with stranger(running.mongod.socket) as client:
        assert "compression" not in client.admin.command("hello", compression=["zlib", "snappy", "zstd"])


def test_no_password_is_on_a_command_line(running: Installation) -> None:
    assert running.mongod is not None
    assert running.mongod.child.pid is not None
    command = command_line(running.mongod.child.pid)
    assert "--keyFile" in command
    assert running.credentials.mongod_password not in command
    assert running.folder.mongod_key.read_text() not in command


def test_only_the_user_who_runs_it_can_read_its_files(running: Installation) -> None:
    kept = [running.folder.credentials, running.folder.mongod_key, running.folder.logs / "mongod.log"]
    assert {stat.S_IMODE(file.stat().st_mode) for file in kept} == {0o600}
    assert stat.S_IMODE(running.folder.mongod_data.stat().st_mode) == 0o700


def test_what_people_write_is_not_in_its_log_however_slow_it_is(running: Installation) -> None:
    with client_of(running) as client:
        things = client[DATABASE].slow
        things.insert_one({"text": "a very private message"})
        found = things.find_one({"text": "a very private message", "$where": "sleep(300) || true"})
        assert found is not None
    assert "very private" not in (running.folder.logs / "mongod.log").read_text()
