"""Which connections a worker has, and for how long."""

from __future__ import annotations

import socket
import sys
from typing import Any

import gevent
import gevent.socket
import pytest

from config import connections, worker
from config.worker import ChatWorker, unread_options
from tests.support.greenlets import wait_until
from tests.unit.config.worker.conftest import REQUEST, Make, Slow, answer_to, end, hello, run

XNU_PERSIST_TIMEOUT = 0x40
XNU_TCP_RXT_CONNDROPTIME = 0x80


def test_workers_share_a_burst_of_connections(make: Make, listener: gevent.socket.socket) -> None:
    served: list[ChatWorker] = []

    def noting(one: ChatWorker) -> ChatWorker:
        one.handle = lambda *_: served.append(one)
        return one

    clients = [gevent.socket.create_connection(listener.getsockname()) for _ in range(20)]
    workers = [noting(make(workers=2)) for _ in range(2)]
    servers = [one._serve(one.sockets[0]) for one in workers]
    wait_until(lambda: len(served) == len(clients))
    assert set(served) == set(workers)
    for closing in (*servers, *clients):
        closing.close()


def test_a_worker_whose_connections_are_all_in_use_accepts_no_other(
    make: Make, listener: gevent.socket.socket, client: gevent.socket.socket
) -> None:
    slow = Slow()
    one = make(slow, worker_connections=2)
    server = one._serve(one.sockets[0])
    client.sendall(REQUEST)
    slow.asked.wait()
    with gevent.socket.create_connection(listener.getsockname()):
        wait_until(server.full)
    slow.answers.set()
    assert client.recv(10_000).endswith(b"hello")
    server.close()


def test_a_connection_is_served_though_it_takes_no_options(
    make: Make, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "unread_options", lambda *_: {1_000_000: 1})
    one = make()
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    end(one)
    running.get()


def test_one_address_has_only_so_many_connections_to_a_worker(
    make: Make, listener: gevent.socket.socket, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "is_this_host", lambda _host: False)
    slow = Slow()
    one = make(slow)
    one.most_per_address = 1
    running = run(one)
    client.sendall(REQUEST)
    slow.asked.wait()
    with gevent.socket.create_connection(listener.getsockname()) as another:
        assert another.recv(1) == b""
    slow.answers.set()
    assert client.recv(10_000).endswith(b"hello")
    end(one)
    running.get()


def test_a_request_may_take_longer_than_the_next_one_is_waited_for(make: Make, client: gevent.socket.socket) -> None:
    slow = Slow()
    one = make(slow, keepalive=1)
    running = run(one)
    client.sendall(REQUEST)
    slow.asked.wait()
    gevent.sleep(1.1)
    slow.answers.set()
    assert client.recv(10_000).endswith(b"hello")
    end(one)
    running.get()


def test_a_connection_that_brings_no_other_request_in_time_ends_without_an_error(
    make: Make, client: gevent.socket.socket
) -> None:
    one = make(keepalive=1)
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    assert client.recv(1) == b""
    end(one)
    running.get()


def test_an_idle_connection_is_closed_without_a_word_when_its_worker_ends(
    make: Make, client: gevent.socket.socket
) -> None:
    one = make()
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    end(one)
    running.get()
    assert client.recv(1) == b""


def test_an_idle_connection_is_kept_for_a_moment_for_a_request_that_may_be_on_its_way(
    make: Make, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LINGER", 60.0)
    one, signs = make(), []
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    monkeypatch.setattr(one, "notify", lambda: signs.append(True))
    end(one)
    wait_until(lambda: len(signs) > 3 or running.ready())
    assert answer_to(client).endswith(b"hello")
    running.get()


def test_the_next_request_may_come_later_than_a_body_may(
    make: Make, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "BODY_SECONDS", 0.02)
    one = make()
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    gevent.sleep(0.05)
    assert answer_to(client).endswith(b"hello")
    end(one)
    running.get()


def test_a_connection_that_has_just_brought_a_request_is_not_closed_as_idle(
    make: Make, client: gevent.socket.socket
) -> None:
    one = make()
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    client.sendall(REQUEST)
    end(one)  # before the worker has seen that there is a request
    one._has_closed_idle([])
    assert client.recv(10_000).endswith(b"hello")
    running.get()


def test_a_request_of_which_a_part_comes_after_its_idle_connection_was_ended_is_not_taken_for_whole(
    make: Make, client: gevent.socket.socket
) -> None:
    bodies: list[bytes] = []

    def noting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        bodies.append(environ["wsgi.input"].read())
        return hello(environ, start_response)

    one = make(noting)
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    client.sendall(b"POST / HTTP/1.1\r\nHost: chat\r\nContent-Length: 10\r\n\r\n01234")
    end(one)  # before the worker has seen that there is a request
    one._has_closed_idle([])
    assert client.recv(10_000) == b"", "the client sends it again"
    running.get()
    assert bodies == [b""]


def test_a_body_that_made_room_before_it_came_is_not_taken_for_an_empty_one(
    make: Make, listener: gevent.socket.socket, client: gevent.socket.socket
) -> None:
    bodies: list[bytes] = []

    def noting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        bodies.append(environ["wsgi.input"].read())
        return hello(environ, start_response)

    one = make(noting, worker_connections=2)
    running = run(one)
    client.sendall(b"POST / HTTP/1.1\r\nHost: chat\r\nContent-Length: 10\r\n\r\n")
    wait_until(lambda: any(waiting.reads_body for of_one in one._connections for waiting in of_one._silent))
    with gevent.socket.create_connection(listener.getsockname()):
        assert client.recv(10_000) == b""
    end(one)
    running.get()
    assert bodies == []


def test_a_client_that_takes_nothing_is_dropped_in_the_end(make: Make, client: gevent.socket.socket) -> None:
    options: list[int] = []

    def noting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        connection = environ["gunicorn.socket"]
        options.extend(connection.getsockopt(socket.IPPROTO_TCP, option) for option in unread_options(sys.platform, 60))
        return hello(environ, start_response)

    one = make(noting)
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    assert options == list(unread_options(sys.platform, 60).values())
    end(one)
    running.get()


@pytest.mark.parametrize(
    ("platform", "options"),
    [
        ("linux", {socket.TCP_USER_TIMEOUT: 60_000}),  # milliseconds
        ("darwin", {XNU_PERSIST_TIMEOUT: 60, XNU_TCP_RXT_CONNDROPTIME: 60}),  # seconds
        ("freebsd14", {}),
    ],
)
def test_a_client_that_does_not_read_is_dropped_by_the_means_of_the_platform(
    platform: str, options: dict[int, int]
) -> None:
    assert unread_options(platform, 60) == options
