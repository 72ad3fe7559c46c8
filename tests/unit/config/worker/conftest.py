"""A worker with an application of a few lines, its clients, and what they do."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import gevent
import gevent.socket
import pytest
from gevent.event import Event
from gunicorn.config import Config

from config import worker
from config.request_log import RequestLog
from config.worker import ChatWorker
from tests.support.processes import PATIENCE

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
    with gevent.Timeout(PATIENCE):
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


def end(one: ChatWorker) -> None:
    one.handle_exit(signal.SIGTERM, None)
