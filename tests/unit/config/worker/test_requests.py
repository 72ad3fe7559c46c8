"""What a worker does with requests and answers."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import gevent
import gevent.socket
import pytest

from tests.support.greenlets import wait_until
from tests.unit.config.worker.conftest import REQUEST, Make, answer_to, end, hello, run


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


def test_a_request_that_is_answered_needs_no_garbage_collector(make: Make, client: gevent.socket.socket) -> None:
    served: list[weakref.ref[Any]] = []

    def note(_worker: Any, request: Any) -> None:
        served.append(weakref.ref(request))

    one = make(pre_request=note)
    running = run(one)
    gc.disable()
    try:
        assert answer_to(client).endswith(b"hello")
        end(one)
        running.get()
        assert [request() for request in served] == [None]
    finally:
        gc.enable()


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
