"""The embedded MongoDB: private, and never without the data that it was given."""

from __future__ import annotations

import signal
import stat
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chatapp.embedded import StartError
from chatapp.embedded.child import Child
from chatapp.embedded.data_folder import Credentials, DataFolder, load_credentials, load_mongod_key
from chatapp.embedded.model import free_port
from chatapp.embedded.mongod import NAME, EmbeddedMongod, embedded_administrator
from config.settings import load_settings
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

    def create(self) -> EmbeddedMongod:
        self.mongod = EmbeddedMongod(self.folder, self.credentials, DATABASE)
        return self.mongod

    def start(self) -> EmbeddedMongod:
        mongod = self.create()
        mongod.start()
        mongod.wait(lambda: None)
        return mongod

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.mongod is not None:
            child = self.mongod.child
            child.end(number)
            wait_until(lambda: not child.is_running)


@pytest.fixture
def plain_path() -> Iterator[Path]:
    """A short one, of lower-case letters; pytest's own folders have long names."""
    with tempfile.TemporaryDirectory(prefix="chatapp-test-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def installation(plain_path: Path) -> Iterator[Installation]:
    installation = Installation(plain_path)
    yield installation
    installation.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def running() -> Iterator[Installation]:
    """For tests that do not end it."""
    with tempfile.TemporaryDirectory(prefix="chatapp-test-", dir="/tmp") as folder:
        installation = Installation(Path(folder))
        installation.start()
        yield installation
        installation.end(signal.SIGKILL)


def client_of(installation: Installation) -> Client:
    assert installation.mongod is not None
    return Client(installation.mongod.uri, serverSelectionTimeoutMS=10_000)


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


def test_data_is_there_after_an_orderly_end_and_after_a_crash(installation: Installation) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGTERM):
        installation.start()
        with client_of(installation) as client:
            client[DATABASE].things.insert_one({"ended": number})
        installation.end(number)
    installation.start()
    with client_of(installation) as client:
        assert client[DATABASE].things.count_documents({}) == 3


def test_a_crash_leaves_no_socket_in_the_way(installation: Installation) -> None:
    first = installation.start()
    installation.end(signal.SIGKILL)
    assert first.socket.exists()
    assert installation.start().socket == first.socket


def test_a_data_directory_that_was_moved_is_as_it_was(plain_path: Path) -> None:
    before = Installation(plain_path / "before")
    before.start()
    with client_of(before) as client:
        client[DATABASE].things.insert_one({"kept": True})
    before.end()
    (plain_path / "before").rename(plain_path / "after")
    after = Installation(plain_path / "after")
    try:
        assert after.start().socket.is_relative_to(plain_path / "after")
        assert_that_it_keeps_and_takes_data(after)
    finally:
        after.end(signal.SIGKILL)


def test_data_of_a_version_that_used_tcp_is_as_it_was(installation: Installation) -> None:
    with mongod_on_tcp(installation) as uri, Client(uri) as client:
        client[DATABASE].things.insert_one({"kept": True})
    installation.start()
    assert_that_it_keeps_and_takes_data(installation)


@contextmanager
def mongod_on_tcp(installation: Installation) -> Iterator[str]:
    """As an earlier version ran it: the member of the replica set is a TCP port."""
    port = free_port()
    key = load_mongod_key(installation.folder.mongod_key)
    command = [mongod_binary(), "--dbpath", str(installation.folder.mongod_data), "--port", str(port), "--quiet"]
    command += ["--keyFile", str(installation.folder.mongod_key), "--replSet", NAME, "--nounixsocket"]
    command += ["--setParameter", "enableLocalhostAuthBypass=false"]
    child = Child("mongod", command, log=installation.folder.logs / "mongod.log")
    child.start()
    uri = f"mongodb://__system:{key}@127.0.0.1:{port}/?authSource=local"
    with Client(uri, directConnection=True) as client:
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        client.admin.command("replSetInitiate", {"_id": NAME, "members": [member]})
        wait_until(lambda: bool(client.admin.command("hello")["isWritablePrimary"]))
    yield uri
    child.end()
    wait_until(lambda: not child.is_running, 30)


def assert_that_it_keeps_and_takes_data(installation: Installation) -> None:
    with client_of(installation) as client, client[DATABASE].watch() as changes:
        assert client[DATABASE].things.find_one({"kept": True})
        client[DATABASE].things.insert_one({"written": "with a majority"})
        assert next(changes)["operationType"] == "insert"


@pytest.mark.parametrize("name", ["Upper", "x" * 110])
def test_a_data_directory_whose_path_is_unsuitable_for_a_socket_works_as_well(plain_path: Path, name: str) -> None:
    installation = Installation(plain_path / name)
    for _ in range(2):
        mongod = installation.start()
        assert not mongod.socket.is_relative_to(plain_path)
        with client_of(installation) as client:
            client[DATABASE].things.insert_one({"kept": True})
        assert_that_it_keeps_and_takes_data(installation)
        installation.end()
        mongod.clean_up()
        assert not mongod.socket.parent.exists()


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
    other = EmbeddedMongod(running.folder, running.credentials, DATABASE)
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


def test_a_command_administers_the_embedded_mongodb_and_no_other(running: Installation) -> None:
    assert running.mongod is not None
    running.folder.disown_copies()
    running.folder.mongodb_uri.write_text(running.mongod.uri)
    environ = {"CHATAPP_DATA_DIR": str(running.folder.path), "SECRET_KEY": "only-for-tests"}

    with embedded_administrator(load_settings(environ)) as administrator:
        assert administrator is not None
        assert administrator.admin.command("getParameter", 1, minSnapshotHistoryWindowInSeconds=1)["ok"] == 1.0
    with embedded_administrator(load_settings({**environ, "MONGODB_URI": "mongodb://elsewhere/"})) as administrator:
        assert administrator is None
