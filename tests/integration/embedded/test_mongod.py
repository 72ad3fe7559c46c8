"""The embedded MongoDB starts, and is never without the data that it was given."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatapp.embedded import StartError
from chatapp.embedded.child import Child
from chatapp.embedded.data_folder import load_mongod_key
from chatapp.embedded.model import free_port
from chatapp.embedded.mongod import NAME, EmbeddedMongod, embedded_administrator
from config.settings import load_settings
from tests.integration.embedded.installation import DATABASE, Client, Installation, client_of, start_and_wait
from tests.support.mongod import mongod_binary
from tests.support.processes import wait_until


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
    child = Child(command, log=installation.folder.logs / "mongod.log")
    child.start()
    uri = f"mongodb://__system:{key}@127.0.0.1:{port}/?authSource=local"
    with Client(uri, directConnection=True) as client:
        member = {"_id": 0, "host": f"127.0.0.1:{port}"}
        client.admin.command("replSetInitiate", {"_id": NAME, "members": [member]})
        wait_until(lambda: bool(client.admin.command("hello")["isWritablePrimary"]))
    yield uri
    child.end()
    wait_until(lambda: not child.is_running)


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
