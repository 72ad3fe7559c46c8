"""The embedded MongoDB: nobody else's to read, and never without the data that it was given."""

from __future__ import annotations

import signal
import socket
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chatapp.embedded import StartError
from chatapp.embedded.data_folder import Credentials, DataFolder, load_credentials
from chatapp.embedded.mongod import EmbeddedMongod
from chatapp.embedded.web import listen
from tests.support.mongod import mongod_binary
from tests.support.processes import command_line, wait_until

Client = MongoClient[dict[str, Any]]
DATABASE = "chatapp"
UNAUTHORIZED = {13, 18}


class Installation:
    """A data folder and the MongoDB that runs on it, which can be started more than once."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder(path)
        self.folder.prepare()
        self.mongod: EmbeddedMongod | None = None

    @property
    def credentials(self) -> Credentials:
        credentials = load_credentials(self.folder.credentials)
        credentials.mongod_program = mongod_binary()
        return credentials

    def start(self) -> EmbeddedMongod:
        self.mongod = EmbeddedMongod(self.folder, self.credentials, DATABASE)
        self.mongod.start()
        self.mongod.wait(lambda: None)
        return self.mongod

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.mongod is not None:
            child = self.mongod.child
            child.end(number)
            wait_until(lambda: not child.is_running)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    installation = Installation(tmp_path)
    yield installation
    installation.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """For tests that do not end it."""
    installation = Installation(tmp_path_factory.mktemp("data"))
    installation.start()
    yield installation
    installation.end(signal.SIGKILL)


def client_of(installation: Installation) -> Client:
    assert installation.mongod is not None
    return Client(installation.mongod.uri, serverSelectionTimeoutMS=10_000)


def stranger(port: int) -> Client:
    return Client("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=5_000)


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
    with stranger(running.credentials.mongod_port) as client, pytest.raises(OperationFailure) as refusal:
        client.admin.command({name: value for name, value in command.items() if name != "$db"})
    assert refusal.value.code in UNAUTHORIZED


def test_nobody_can_make_himself_a_user_while_it_starts_for_the_first_time(installation: Installation) -> None:
    port = installation.credentials.mongod_port
    done = threading.Event()
    codes: set[object] = set()

    def try_to_take_it_over() -> None:
        """All the while, and until it has been answered at least once."""
        while not done.is_set() or not codes & UNAUTHORIZED:
            try:
                with Client("127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=100) as client:
                    client.admin.command("createUser", "intruder", pwd="x", roles=["root"])
                codes.add(0)
            except PyMongoError as error:
                codes.add(getattr(error, "code", None))

    intruder = threading.Thread(target=try_to_take_it_over, daemon=True)
    intruder.start()
    installation.start()
    done.set()
    intruder.join(60)
    assert codes & UNAUTHORIZED
    assert 0 not in codes


def test_only_this_machine_reaches_it(running: Installation) -> None:
    port = f"{running.credentials.mongod_port:04X}"
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    addresses = {row[1] for row in rows if row[1].endswith(":" + port) and row[3] == "0A"}
    assert addresses == {f"0100007F:{port}"}
    assert not list(Path("/tmp").glob(f"mongodb-{running.credentials.mongod_port}.sock"))


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


def test_data_is_there_after_an_orderly_end_and_after_a_crash(installation: Installation) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        installation.start()
        with client_of(installation) as client:
            client[DATABASE].things.insert_one({"ended": number})
        installation.end(number)
    installation.start()
    with client_of(installation) as client:
        assert client[DATABASE].things.count_documents({}) == 3


def test_a_port_that_was_taken_meanwhile_strands_no_data(installation: Installation) -> None:
    installation.start()
    before = installation.credentials.mongod_port
    with client_of(installation) as client:
        client[DATABASE].things.insert_one({"kept": True})
    installation.end()
    with another_program(before):
        installation.start()
        assert installation.credentials.mongod_port != before
        with client_of(installation) as client:
            assert client[DATABASE].things.find_one({"kept": True})
            client[DATABASE].things.insert_one({"written": "with a majority"})


@contextmanager
def another_program(port: int) -> Iterator[None]:
    """One that listens there, and hangs up on whoever speaks MongoDB's protocol to it."""

    def hang_up() -> None:
        with suppress(OSError):
            while True:
                listener.accept()[0].close()

    with listen("127.0.0.1", port) as listener:
        thread = threading.Thread(target=hang_up)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_lost_credentials_are_made_again_and_lose_nothing(installation: Installation) -> None:
    installation.start()
    with client_of(installation) as client:
        client[DATABASE].things.insert_one({"kept": True})
    installation.end()
    installation.folder.credentials.unlink()
    installation.folder.mongod_key.unlink()
    installation.start()
    with client_of(installation) as client:
        assert client[DATABASE].things.find_one({"kept": True})


def test_data_that_another_mongod_uses_is_left_to_it(running: Installation) -> None:
    credentials = running.credentials
    credentials.mongod_port = 0
    other = EmbeddedMongod(running.folder, credentials, DATABASE)
    with pytest.raises(StartError, match="Another mongod uses the data"):
        start_and_wait(other)
    with client_of(running) as client:
        assert client.admin.command("ping")["ok"]


def test_a_program_without_its_libraries_gives_one_line(installation: Installation, tmp_path: Path) -> None:
    program = tmp_path / "mongod-without-libraries"
    program.write_text(
        '#!/bin/sh\necho "$0: error while loading shared libraries: libcurl.so.4: cannot open" >&2\nexit 127'
    )
    program.chmod(0o755)
    credentials = installation.credentials
    credentials.mongod_program = str(program)
    with pytest.raises(StartError, match=r"needs the library libcurl\.so\.4\. Install that, or set MONGODB_URI"):
        start_and_wait(EmbeddedMongod(installation.folder, credentials, DATABASE))


def test_a_program_for_another_platform_gives_one_line(installation: Installation, tmp_path: Path) -> None:
    program = tmp_path / "mongod-for-another-platform"
    program.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(100))
    program.chmod(0o755)
    credentials = installation.credentials
    credentials.mongod_program = str(program)
    with pytest.raises(StartError, match=r"cannot be run .* Set MONGODB_URI"):
        start_and_wait(EmbeddedMongod(installation.folder, credentials, DATABASE))


def start_and_wait(mongod: EmbeddedMongod) -> None:
    try:
        mongod.start()
        mongod.wait(lambda: None)
    finally:
        mongod.child.kill()
