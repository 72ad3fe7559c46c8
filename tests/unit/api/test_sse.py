"""What an open stream says while nothing happens, and when it notices that its device was signed out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from types import SimpleNamespace

import pytest

from chatapp.api import sse
from chatapp.api.sse import HEARTBEAT, HEARTBEAT_EVERY, LOOKS_EVERY
from chatapp.generation import follow
from chatapp.services import feed

SILENCE = max(follow.SILENCE, feed.SILENCE)
"""Seconds in which something comes from within, if only a heartbeat."""

A_MOMENT = 0.001


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(sse, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def coming(clock: SimpleNamespace, *after: float) -> Iterator[str]:
    """An event after so many seconds, another so many after it, and heartbeats from then on."""
    for seconds in after:
        clock.now += seconds
        yield "event"
    while True:
        clock.now += SILENCE
        yield HEARTBEAT


@pytest.mark.parametrize("last_event", [A_MOMENT, SILENCE, LOOKS_EVERY - A_MOMENT])
def test_the_stream_of_a_device_that_is_signed_out_ends_within_five_seconds(
    clock: SimpleNamespace, last_event: float
) -> None:
    signed_out_at = clock.now

    for _ in sse._while_signed_in(coming(clock, last_event), lambda: False):
        pass

    assert clock.now - signed_out_at <= 5


@pytest.mark.parametrize("last_event", [A_MOMENT, LOOKS_EVERY])
def test_a_stream_says_something_every_15_seconds_and_not_at_every_heartbeat(
    clock: SimpleNamespace, last_event: float
) -> None:
    told: list[float] = []

    for _ in sse._while_signed_in(coming(clock, last_event), lambda: clock.now < 1100):
        told.append(clock.now)  # noqa: PERF401 - the clock goes on meanwhile

    gaps = [later - earlier for earlier, later in pairwise(told)]
    assert min(gaps[1:]) >= HEARTBEAT_EVERY
    assert max(gaps) <= 15
