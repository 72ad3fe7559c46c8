"""All hosts go by MongoDB's clock, whatever their own say."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chatapp import clock
from chatapp.clock import set_clock, utc_now

SERVER_TIME = datetime(2020, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_clock_again() -> Iterator[None]:
    yield
    set_clock(None)


def test_before_the_first_reading_the_hosts_clock_counts() -> None:
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_time_goes_on_from_mongodbs() -> None:
    set_clock(SERVER_TIME, time.monotonic() - 10)

    assert timedelta(seconds=10) <= utc_now() - SERVER_TIME < timedelta(seconds=15)


def test_a_step_of_the_hosts_clock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stepped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime(1999, 1, 1, tzinfo=tz)

    set_clock(SERVER_TIME, time.monotonic())
    monkeypatch.setattr(clock, "datetime", Stepped)

    assert timedelta(0) <= utc_now() - SERVER_TIME < timedelta(seconds=5)


def test_times_have_the_milliseconds_that_are_stored() -> None:
    set_clock(SERVER_TIME + timedelta(microseconds=999), time.monotonic())

    assert utc_now().microsecond % 1000 == 0
