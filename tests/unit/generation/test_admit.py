"""How many turns begin at once, and what becomes of those that wait."""

from __future__ import annotations

from contextlib import ExitStack

import gevent
import pytest

from chatapp.errors import Busy, StoreUnavailable
from chatapp.generation import admit
from chatapp.generation.admit import TurnAdmission

AT_ONCE = 4


def admission(running: int = 0, limit: int = 100) -> TurnAdmission:
    return TurnAdmission(lambda: running, limit)


def test_turns_begin_in_the_order_in_which_they_came() -> None:
    turns, begun = admission(), []

    def turn(number: int) -> None:
        with turns.admit():
            begun.append(number)
            gevent.sleep(0.005)

    gevent.joinall([gevent.spawn(turn, number) for number in range(20)], raise_error=True)
    assert begun == list(range(20))
    assert turns.beginning == 0


def test_a_few_turns_begin_at_a_time() -> None:
    turns, inside, most = admission(), 0, 0

    def turn() -> None:
        nonlocal inside, most
        with turns.admit():
            inside += 1
            most = max(most, inside)
            gevent.sleep(0.005)
            inside -= 1

    gevent.joinall([gevent.spawn(turn) for _ in range(20)], raise_error=True)
    assert most == AT_ONCE


def test_who_waits_too_long_is_told_that_the_store_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admit, "_LONGEST_WAIT", 0.05)
    turns = admission()
    with ExitStack() as places:
        for _ in range(AT_ONCE):
            places.enter_context(turns.admit())
        with pytest.raises(StoreUnavailable) as refused, turns.admit():
            raise AssertionError("there was no place")
        assert refused.value.retry_after == 2
    with turns.admit():
        assert turns.beginning == 1


def test_waiting_lasts_longer_than_the_driver_outlasts_an_absent_store() -> None:
    from chatapp.database.client import OPTIONS

    assert OPTIONS["timeoutMS"] < admit._LONGEST_WAIT * 1000


def test_who_stops_waiting_takes_no_place() -> None:
    turns = admission()

    def turn() -> None:
        with turns.admit():
            raise AssertionError("there was no place")

    with ExitStack() as places:
        for _ in range(AT_ONCE):
            places.enter_context(turns.admit())
        waiting = gevent.spawn(turn)
        gevent.sleep(0)
        waiting.kill()
    with ExitStack() as places:
        for _ in range(AT_ONCE):
            places.enter_context(turns.admit())
    assert turns.beginning == 0


def test_a_turn_that_is_refused_gives_its_place_to_the_next() -> None:
    turns = admission()
    for _ in range(2 * AT_ONCE):
        with pytest.raises(ZeroDivisionError), turns.admit():
            raise ZeroDivisionError


def test_a_worker_that_writes_as_many_answers_as_it_may_is_busy() -> None:
    with pytest.raises(Busy) as refused, admission(running=3, limit=3).admit():
        raise AssertionError("it was full")
    assert refused.value.retry_after == 5


def test_turns_that_begin_count_among_those_that_run() -> None:
    turns = admission(running=2, limit=3)
    with turns.admit(), pytest.raises(Busy), turns.admit():
        raise AssertionError("it was full")


def test_a_worker_that_is_about_to_end_takes_no_turn() -> None:
    turns = admission()
    turns.close()
    with pytest.raises(Busy) as refused, turns.admit():
        raise AssertionError("it was closed")
    assert refused.value.retry_after == 1
