"""What one user may do at once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chatapp.errors import TooManyStreams, TooManyWrites
from chatapp.services import user_limits
from chatapp.services.user_limits import MOST_STREAMS, WRITES_PER_MINUTE, UserLimits


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


def test_limits_can_be_off() -> None:
    limits = UserLimits(enabled=False)
    for _ in range(WRITES_PER_MINUTE + 1):
        limits.count_write("ada")
    for _ in range(MOST_STREAMS + 1):
        limits.open_stream("ada")
