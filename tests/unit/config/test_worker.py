"""How a worker serves and ends, with an application of a few lines, and what it asks the operating system for."""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import MagicMock

import gevent
import gevent.socket
import pytest
from flask import Flask
from gevent.event import Event
from gunicorn.config import Config

from config import connections, worker
from config.request_log import RequestLog
from config.worker import ChatWorker, unread_options

XNU_PERSIST_TIMEOUT = 0x40
XNU_TCP_RXT_CONNDROPTIME = 0x80
REQUEST = b"GET / HTTP/1.1\r\nHost: chat\r\n\r\n"

Application = Callable[[dict[str, Any], Any], list[bytes]]
Make = Callable[..., ChatWorker]


def hello(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response("200 OK", [("Content-Length", "5")])
    return [b"hello"]


class Slow:
    """Answers when it is told to; ``asked`` is set when there is a request."""

    def __init__(self) -> None:
        self.asked, self.answers = Event(), Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        self.asked.set()
        self.answers.wait()
        return hello(environ, start_response)


@pytest.fixture(autouse=True)
def in_time_and_without_a_fault(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(worker, "LINGER", 0.0)
    faults: list[Any] = []
    monkeypatch.setattr(gevent.get_hub(), "handle_error", lambda *fault: faults.append(fault))
    with gevent.Timeout(10):
        yield
    assert faults == []


@pytest.fixture
def listener() -> Iterator[gevent.socket.socket]:
    with gevent.socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        bound.listen()
        yield bound


@pytest.fixture
def make(listener: gevent.socket.socket) -> Iterator[Make]:
    """Makes workers that do not run yet, and share the socket that is listened on."""
    made: list[ChatWorker] = []

    def worker_of(application: Application = hello, **settings: Any) -> ChatWorker:
        config = Config()
        for name, value in {"keepalive": 30, **settings}.items():
            config.set(name, value)
        one = ChatWorker(1, os.getppid(), [listener.dup()], None, 30, config, RequestLog(config))
        one.wsgi = application
        made.append(one)
        return one

    yield worker_of
    for one in made:
        one.tmp.close()
        one.sockets[0].close()


def run(one: ChatWorker) -> gevent.Greenlet:
    running = gevent.spawn(one.run)
    gevent.sleep(0)
    return running


@pytest.fixture
def client(listener: gevent.socket.socket) -> Iterator[gevent.socket.socket]:
    with gevent.socket.create_connection(listener.getsockname()) as connected:
        yield connected


def answer_to(client: gevent.socket.socket, request: bytes = REQUEST) -> bytes:
    client.sendall(request)
    return bytes(client.recv(10_000))


def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():
        gevent.sleep(0.01)


def end(one: ChatWorker) -> None:
    one.handle_exit(signal.SIGTERM, None)


def test_a_worker_without_a_connection_ends_as_soon_as_it_is_told_to(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "NOTIFY_INTERVAL", 60.0)
    one = make()
    running = run(one)
    end(one)
    running.get()


def test_a_worker_that_is_told_to_end_while_it_is_loaded_does_not_first_finish_that(make: Make) -> None:
    with pytest.raises(SystemExit):
        end(make())


def test_a_worker_that_is_told_to_end_while_its_application_starts_ends_in_order(make: Make) -> None:
    one = make()
    one.application = Flask("chatapp")
    one.application.extensions["chatapp"] = MagicMock()
    end(one)
    run(one).get()


def test_answers_without_a_request_have_their_time_while_idle_connections_are_closed_at_once(
    make: Make, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    finished = Event()

    def finish(_: Flask, seconds: float) -> None:
        given.append(seconds)
        finished.wait()

    monkeypatch.setattr("chatapp.worker_stopping", finish)
    one = make(graceful_timeout=25)
    one.application = Flask("chatapp")
    running = run(one)
    assert answer_to(client).endswith(b"hello")
    end(one)
    assert client.recv(1) == b""
    signs: list[bool] = []
    monkeypatch.setattr(one, "notify", lambda: signs.append(True))
    wait_until(lambda: len(signs) > 3 or running.ready())
    assert not running.ready()
    finished.set()
    running.get()
    assert 20 < given[0] < 25, "nearly as long as the master waits before it kills"


def test_a_worker_says_that_it_lives_long_before_its_master_would_kill_it(make: Make) -> None:
    assert make().timeout >= 10 * worker.NOTIFY_INTERVAL


def test_a_worker_that_serves_says_that_it_lives(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "NOTIFY_INTERVAL", 0.01)
    one, signs = make(), []
    monkeypatch.setattr(one, "notify", lambda: signs.append(True))
    running = run(one)
    wait_until(lambda: len(signs) > 3)
    end(one)
    running.get()


def test_a_worker_that_waits_for_its_last_requests_says_that_it_lives(
    make: Make, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, signs = Slow(), []
    one = make(slow)
    running = run(one)
    client.sendall(REQUEST)
    slow.asked.wait()
    end(one)
    monkeypatch.setattr(one, "notify", lambda: signs.append(True))
    wait_until(lambda: len(signs) > 3)
    slow.answers.set()
    running.get()


def test_a_request_that_does_not_end_is_left_before_the_master_would_kill_the_worker(
    make: Make, client: gevent.socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "KILL_MARGIN", 4.9)
    slow = Slow()
    one = make(slow, graceful_timeout=5)
    running = run(one)
    client.sendall(REQUEST)
    slow.asked.wait()
    end(one)
    with gevent.Timeout(4):
        running.get()
    slow.answers.set()


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


def test_a_request_that_fails_does_not_hold_up_the_end(make: Make, client: gevent.socket.socket) -> None:
    def failing(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        raise LookupError("a fault")

    one = make(failing)
    running = run(one)
    assert answer_to(client).startswith(b"HTTP/1.1 500 ")
    end(one)
    running.get()


def test_between_requests_that_come_in_one_piece_others_have_their_turn(
    make: Make, client: gevent.socket.socket
) -> None:
    turns: list[str] = []

    def noting(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        turns.append("a request")
        gevent.spawn(turns.append, "another")
        return hello(environ, start_response)

    one = make(noting)
    running = run(one)
    client.sendall(2 * REQUEST)
    wait_until(lambda: len(turns) == 4)
    assert turns == 2 * ["a request", "another"]
    end(one)
    running.get()


@pytest.mark.parametrize("header", [("X-Title", "a\x00b"), ("X Title", "a")])
def test_an_answer_with_a_header_that_is_none_is_a_fault_of_the_server_not_of_the_client(
    make: Make, client: gevent.socket.socket, header: tuple[str, str]
) -> None:
    def odd(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("200 OK", [header])
        return []

    one = make(odd)
    running = run(one)
    assert answer_to(client).startswith(b"HTTP/1.1 500 ")
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
