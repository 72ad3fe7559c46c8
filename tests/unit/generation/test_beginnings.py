"""How many turns begin at once, and what becomes of those who wait."""

from __future__ import annotations

import gevent
import pytest

from chatapp.errors import StoreUnavailable
from chatapp.generation import beginnings
from chatapp.generation.beginnings import Beginnings


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginnings, "_STALLED", 0.05)


def test_who_waits_while_nobody_makes_room_is_told_that_the_store_is_away() -> None:
    turns = Beginnings()
    with turns.one(), turns.one(), turns.one(), turns.one():
        with pytest.raises(StoreUnavailable) as refused, turns.one():
            raise AssertionError("there was no room")
        assert refused.value.retry_after == 2
    with turns.one():
        assert not turns.crowded()


def test_who_waits_while_others_begin_gets_its_turn() -> None:
    turns, begun = Beginnings(), []

    def turn(number: int) -> None:
        with turns.one():
            gevent.sleep(0.03)
            begun.append(number)

    gevent.joinall([gevent.spawn(turn, number) for number in range(20)], raise_error=True)
    assert begun == list(range(20))


def test_who_stops_waiting_takes_no_room() -> None:
    turns = Beginnings()

    def turn() -> None:
        with turns.one():
            raise AssertionError("there was no room")

    with turns.one() as first, turns.one(), turns.one(), turns.one():
        waiting, killed_as_it_gets_room = gevent.spawn(turn), gevent.spawn(turn)
        gevent.sleep(0)
        waiting.kill()
        first.end()
        killed_as_it_gets_room.kill()
        assert not turns.crowded()
    with turns.one(), turns.one(), turns.one(), turns.one():
        assert not turns.crowded()


def test_a_turn_that_is_refused_makes_room_for_the_next() -> None:
    turns = Beginnings()
    for _ in range(10):
        with pytest.raises(ZeroDivisionError), turns.one():
            raise ZeroDivisionError


def test_a_turn_that_has_begun_makes_room_while_its_request_goes_on() -> None:
    turns = Beginnings()
    for _ in range(10):
        with turns.one() as one:
            one.end()
            with turns.one(), turns.one(), turns.one(), turns.one():
                pass  # had "one" not made room, or made it twice, this would raise


def test_it_is_crowded_while_turns_wait_and_they_begin_in_the_order_in_which_they_came() -> None:
    turns, begun, crowded = Beginnings(), [], []

    def turn(number: int) -> None:
        with turns.one():
            begun.append(number)
            gevent.sleep(0.005)
            crowded.append(turns.crowded())

    gevent.joinall([gevent.spawn(turn, number) for number in range(12)], raise_error=True)
    assert begun == list(range(12))
    assert crowded == [True] * 8 + [False] * 4
