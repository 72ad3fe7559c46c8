"""How long clients may take, and which connections make room for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import gevent
import gevent.socket
import pytest

from config import connections
from config.connections import Connection, Connections, TooSlow
from tests.support.greenlets import wait_until

ELSEWHERE = ("203.0.113.9", 50_000)


class Clients:
    """Clients of one worker, each of which sends nothing and has its server side waiting for a request."""

    def __init__(self, most: int = 100, most_per_address: int | None = None) -> None:
        self._stack = ExitStack()
        self._connections = Connections(most, most_per_address)

    def connect(self, address: Any = ELSEWHERE) -> tuple[Connection | None, Any]:
        server, client = gevent.socket.socketpair()
        self._stack.callback(client.close)
        return self._stack.enter_context(self._connections.entered(server, address)), client

    def wait(self, address: Any = ELSEWHERE) -> gevent.Greenlet:
        """A connection that waits; the greenlet ends with it."""
        connection, _ = self.connect(address)
        assert connection is not None
        waiting = gevent.spawn(connection.recv, 100)
        gevent.sleep(0)
        return waiting

    def close(self) -> None:
        self._stack.close()


@pytest.fixture
def of(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made: list[Clients] = []

    def make(**limits: Any) -> Clients:
        made.append(Clients(**limits))
        return made[-1]

    yield make
    for clients in made:
        clients.close()


def _ended(waiting: list[gevent.Greenlet]) -> list[bool]:
    for _ in range(3):  # a time limit may end before what has come is looked at
        gevent.sleep(0.01)
    return [one.ready() for one in waiting]


def test_a_full_worker_ends_the_connection_that_has_been_silent_the_longest(of: Any) -> None:
    clients = of(most=4)
    waiting = [clients.wait() for _ in range(3)]

    connection, client = clients.connect()

    assert _ended(waiting) == [True, False, False]
    client.sendall(b"GET")
    assert connection.recv(100) == b"GET"


def test_a_client_that_goes_on_sending_is_not_the_silent_one(of: Any) -> None:
    clients = of(most=3)
    connection, client = clients.connect()
    heard: list[bytes] = []
    reading = gevent.spawn(lambda: heard.extend(connection.recv(100) for _ in range(2)))
    silent = clients.wait()
    client.sendall(b"GET /")
    wait_until(lambda: heard)

    clients.connect()

    assert _ended([reading, silent]) == [False, True]


def test_a_connection_whose_answer_is_being_written_is_never_ended(of: Any) -> None:
    clients = of(most=2)
    connection, client = clients.connect()

    assert all(clients.connect()[0] is not None for _ in range(3))

    connection.sendall(b"still here")
    assert client.recv(100) == b"still here"


def test_one_address_has_its_limit_and_others_have_theirs(of: Any) -> None:
    clients = of(most_per_address=2)
    waiting = [clients.wait(), clients.wait(), clients.wait(("203.0.113.10", 1))]

    assert clients.connect()[0] is not None

    assert _ended(waiting) == [True, False, False]


def test_an_address_whose_connections_are_all_in_use_gets_no_other(of: Any) -> None:
    clients = of(most_per_address=2)
    in_use = [clients.connect()[0] for _ in range(2)]

    assert None not in in_use
    assert clients.connect()[0] is None
    assert clients.connect(("2001:db8::1", 1, 0, 0))[0] is not None


@pytest.mark.parametrize("address", [("127.0.0.1", 1), ("::1", 1, 0, 0), ("::ffff:127.0.0.1", 1, 0, 0), "", b""])
def test_this_host_itself_is_not_limited(of: Any, address: Any) -> None:
    clients = of(most_per_address=1)

    assert None not in [clients.connect(address)[0] for _ in range(3)]


def test_a_subscriber_of_ipv6_counts_as_one(of: Any) -> None:
    clients = of(most_per_address=1)

    assert clients.connect(("2001:db8::1", 1, 0, 0))[0] is not None
    assert clients.connect(("2001:db8::2", 1, 0, 0))[0] is None


def test_a_connection_that_has_ended_no_longer_counts(of: Any) -> None:
    clients = of(most_per_address=1)
    clients.connect()
    clients.close()

    assert clients.connect()[0] is not None


def test_a_body_must_come_within_its_time(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.01)
    connection, client = of().connect()
    connection.begin_body()
    client.sendall(b"{")

    assert connection.recv(100) == b"{"
    with pytest.raises(TooSlow):
        connection.recv(100)


def test_a_large_body_has_as_long_as_it_keeps_its_rate(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.001)
    monkeypatch.setattr(connections, "BODY_RATE", 1)
    connection, client = of().connect()
    connection.begin_body()
    client.sendall(b"a" * 1000)
    assert len(connection.recv(1000)) == 1000

    gevent.spawn_later(0.05, client.sendall, b"the rest")

    assert connection.recv(100) == b"the rest"


def test_the_next_request_is_not_part_of_the_body(of: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.001)
    connection, client = of().connect()
    connection.begin_body()
    connection.end_body()

    gevent.spawn_later(0.05, client.sendall, b"GET")

    assert connection.recv(100) == b"GET"


def test_a_client_that_sends_without_a_pause_does_not_keep_others_from_their_turn(of: Any) -> None:
    connection, client = of().connect()
    client.sendall(b"a" * 2)
    turns: list[bytes] = []
    other = gevent.spawn(turns.append, b"another")

    turns.append(connection.recv(1))

    assert turns == [b"another", b"a"]
    other.get()


def test_no_more_is_read_at_once_than_is_dropped_quickly(of: Any) -> None:
    connection, client = of().connect()
    sending = gevent.spawn(client.sendall, b"a" * 2 * connections.MOST_AT_ONCE)

    assert len(connection.recv(10 * connections.MOST_AT_ONCE)) <= connections.MOST_AT_ONCE
    sending.kill()
