"""How a worker ends, and that it says until then that it lives."""

from __future__ import annotations

from unittest.mock import MagicMock

import gevent
import gevent.socket
import pytest
from flask import Flask
from gevent.event import Event

from config import worker
from tests.support.greenlets import wait_until
from tests.unit.config.worker.conftest import REQUEST, Make, Slow, answer_to, end, run


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
    monkeypatch.setattr(worker, "KILL_MARGIN", 99.9)
    slow = Slow()
    one = make(slow, graceful_timeout=100)
    running = run(one)
    client.sendall(REQUEST)
    slow.asked.wait()
    end(one)
    running.get()
    slow.answers.set()
