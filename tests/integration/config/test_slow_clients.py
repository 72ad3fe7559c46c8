"""Clients that send slowly, or without a pause, for real, and everybody else meanwhile."""

from __future__ import annotations

import json
import resource
import select
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Event, Thread

import pytest

from tests.support.chat_client import Person
from tests.support.chat_servers import Backends
from tests.support.processes import PATIENCE
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

MANY = 2600
HALF_A_HEADER = b"GET /healthz HTTP/1.1\r\nHost: "
HALF_A_BODY = HALF_A_HEADER.replace(b"GET /healthz", b"POST /api/auth/login") + (
    b"localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
)


@pytest.fixture(scope="module")
def backends(mongodb_uri: str) -> Iterator[Backends]:
    with FakeProvider() as provider:
        yield Backends.on(mongodb_uri, provider)


@pytest.fixture
def few_files() -> Iterator[None]:
    """What a shell usually allows. Whatever is started meanwhile inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 4 * MANY:
        pytest.skip("the system does not allow so many open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _connect(server: ServerProcess, begin: bytes) -> socket.socket:
    client = socket.create_connection(("127.0.0.1", server.port), timeout=30)
    client.sendall(begin)
    return client


def _read(client: socket.socket) -> bytes:
    """All that comes until the server closes the connection, or resets it because there was more to read."""
    heard = b""
    with suppress(ConnectionResetError):
        while more := client.recv(65_536):
            heard += more
    return heard


def test_everybody_is_served_while_2600_slow_connections_are_open(few_files: None, backends: Backends) -> None:
    with backends.server() as server, ExitStack() as stack:
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        slow = [
            stack.enter_context(_connect(server, (HALF_A_HEADER, HALF_A_BODY)[number % 2])) for number in range(MANY)
        ]
        for _ in range(20):
            with urllib.request.urlopen(server.base_url + "/healthz", timeout=PATIENCE) as answer:
                assert answer.status == 200
        with Person.register(server.base_url).start(model="normal").stream("tell me") as stream:
            assert stream.rest().answer["status"] == "complete"

        poll = select.poll()
        for client in slow:
            poll.register(client, select.POLLIN)
        assert not poll.poll(0), "all of them are open"


@contextmanager
def _server_with(changes: str, mongodb_uri: str, tmp_path: Path) -> Iterator[ServerProcess]:
    """A server of one worker with ``changes`` to the project's configuration."""
    config = tmp_path / "changed.py"
    config.write_text(f"from config import connections\nfrom config.gunicorn import *\n\n{changes}\n")
    env = {"MONGODB_URI": mongodb_uri, "MONGODB_DB": "chatapp_slow", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}
    with ServerProcess(env, workers=1, config=str(config)) as server:
        yield server


def test_slow_headers_and_bodies_are_ended_however_they_drip(mongodb_uri: str, tmp_path: Path) -> None:
    in_a_second = "connections.BODY_SECONDS = keepalive = 1"
    with (
        _server_with(in_a_second, mongodb_uri, tmp_path) as server,
        _connect(server, HALF_A_HEADER) as header,
        _connect(server, HALF_A_BODY) as body,
    ):
        began = time.monotonic()
        while not select.select([header, body], [], [], 0.1)[0]:
            with suppress(ConnectionError):  # one of them may be closed just now
                header.sendall(b"a")
                body.sendall(b" ")

        head, _, answer = _read(body).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 408 ")
        assert json.loads(answer)["reason"] == "body_too_slow"
        assert _read(header) == b""
        assert time.monotonic() - began > 0.9


def test_slow_connections_make_room_where_the_system_allows_only_few(mongodb_uri: str, tmp_path: Path) -> None:
    with _server_with("worker_connections = 50", mongodb_uri, tmp_path) as server, ExitStack() as stack:
        for begin in (HALF_A_HEADER, HALF_A_BODY) * 50:
            stack.enter_context(_connect(server, begin))
            with urllib.request.urlopen(server.base_url + "/healthz", timeout=PATIENCE) as answer:
                assert answer.status == 200


@pytest.mark.parametrize(
    ("head", "again"),
    [
        (f"POST /nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: {10**12}\r\n\r\n", "a" * 262_144),
        ("POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n" * 20_000),
        ("", "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500),
    ],
    ids=["a body", "chunks", "requests"],
)
def test_everybody_is_served_while_some_send_without_a_pause(
    mongodb_uri: str, tmp_path: Path, head: str, again: str
) -> None:
    with _server_with("workers = 1", mongodb_uri, tmp_path) as server, ExitStack() as stack:
        answered = Event()
        for _ in range(3):
            sender = Thread(target=_send_on, args=(_connect(server, head.encode()), again.encode(), answered))
            sender.start()
            stack.callback(sender.join)
        stack.callback(answered.set)

        for _ in range(5):
            assert urllib.request.urlopen(f"{server.base_url}/healthz", timeout=PATIENCE).status == 200


def _send_on(client: socket.socket, data: bytes, until: Event) -> None:
    """Takes the answers as fast as they come."""
    with client, suppress(OSError):  # the server may close it
        Thread(target=_drop, args=(client,), daemon=True).start()
        while not until.is_set():
            client.sendall(data)


def _drop(client: socket.socket) -> None:
    with suppress(OSError):
        while client.recv(1_000_000):
            pass
