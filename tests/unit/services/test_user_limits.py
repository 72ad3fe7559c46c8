"""What one user may do at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from types import SimpleNamespace

import pytest

from chatapp.errors import TooManyStreams, TooManyWrites
from chatapp.services import user_limits
from chatapp.services.user_limits import MOST_AT_ONCE, MOST_STREAMS, WRITES_PER_MINUTE, UserLimits


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=90.0)
    monkeypatch.setattr(user_limits, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_a_user_has_so_many_writes_in_a_minute(clock: SimpleNamespace) -> None:
    limits = UserLimits(enabled=True)
    for _ in range(WRITES_PER_MINUTE):
        limits.count_write("ada")

    with pytest.raises(TooManyWrites) as refused:
        limits.count_write("ada")
    assert refused.value.retry_after == 30
    limits.count_write("bob")
    clock.now += 30
    limits.count_write("ada")


def test_a_user_has_so_many_streams_until_one_is_closed() -> None:
    limits = UserLimits(enabled=True)
    close, *_ = [limits.open_stream("ada") for _ in range(MOST_STREAMS)]

    with pytest.raises(TooManyStreams):
        limits.open_stream("ada")
    limits.open_stream("bob")
    close()
    limits.open_stream("ada")
    with pytest.raises(TooManyStreams):
        limits.open_stream("ada")


def test_so_many_calls_of_a_user_are_worked_on_and_the_next_one_when_one_is_done() -> None:
    limits = UserLimits(enabled=True)
    with ExitStack() as others, ThreadPoolExecutor(1) as pool:
        done, *_ = [others.enter_context(place(limits, "ada")) for _ in range(MOST_AT_ONCE)]
        with limits.place("bob"):
            waiting = pool.submit(lambda: others.enter_context(place(limits, "ada")))
            with pytest.raises(TimeoutError):
                waiting.result(0.05)
            done.close()
            waiting.result(10)


def place(limits: UserLimits, user_id: str) -> closing[ExitStack]:
    taken = ExitStack()
    taken.enter_context(limits.place(user_id))
    return closing(taken)


def test_limits_can_be_off() -> None:
    limits = UserLimits(enabled=False)
    for _ in range(WRITES_PER_MINUTE + 1):
        limits.count_write("ada")
    for _ in range(MOST_STREAMS + 1):
        limits.open_stream("ada")
    with ExitStack() as others:
        for _ in range(MOST_AT_ONCE + 1):
            others.enter_context(limits.place("ada"))
