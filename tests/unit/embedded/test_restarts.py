from __future__ import annotations

import time
from dataclasses import dataclass, field

import pytest

from chatapp.embedded.restarts import FIRST_DELAY, LONGEST_DELAY, STEADY_AFTER, Restarts


@dataclass
class FakeChild:
    is_running: bool = True
    starts: int = 0

    def start(self) -> None:
        self.is_running = True
        self.starts += 1


@dataclass
class Clock:
    now: float = 1000.0
    said: list[str] = field(default_factory=list)

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock.monotonic)
    return clock


@pytest.fixture
def child() -> FakeChild:
    return FakeChild()


@pytest.fixture
def restarts(child: FakeChild, clock: Clock) -> Restarts:
    return Restarts(child, lambda: "It broke.", clock.said.append)  # type: ignore[arg-type]


def seconds_until_restart(restarts: Restarts, clock: Clock) -> float:
    ended = clock.now
    while not restarts.restart_if_ended():
        clock.now += 0.1
    return clock.now - ended


def test_a_part_that_runs_is_left_alone(restarts: Restarts, child: FakeChild) -> None:
    assert not restarts.restart_if_ended()
    assert child.starts == 0


def test_a_part_that_ended_is_started_at_once_and_the_reason_said(
    restarts: Restarts, child: FakeChild, clock: Clock
) -> None:
    child.is_running = False
    assert restarts.restart_if_ended()
    assert child.starts == 1
    assert clock.said == ["It broke. It is started again."]


def test_a_part_that_keeps_ending_is_started_less_and_less_often(
    restarts: Restarts, child: FakeChild, clock: Clock
) -> None:
    delays = []
    for _ in range(10):
        child.is_running = False
        delays.append(seconds_until_restart(restarts, clock))
    assert delays[0] == 0
    assert delays[1] == pytest.approx(FIRST_DELAY, abs=0.2)
    assert delays == sorted(delays)
    assert delays[-1] == pytest.approx(LONGEST_DELAY, abs=0.2)
    assert len(clock.said) == 10


def test_a_part_that_ran_for_long_is_started_at_once_again(restarts: Restarts, child: FakeChild, clock: Clock) -> None:
    for _ in range(5):
        child.is_running = False
        seconds_until_restart(restarts, clock)
    clock.now += STEADY_AFTER + 1
    restarts.restart_if_ended()
    child.is_running = False
    assert seconds_until_restart(restarts, clock) == 0


def test_a_machine_that_cannot_start_it_now_is_asked_again_later(
    restarts: Restarts, child: FakeChild, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory() -> None:
        raise OSError(12, "Cannot allocate memory")

    child.is_running = False
    with monkeypatch.context() as patch:
        patch.setattr(child, "start", no_memory)
        assert not restarts.restart_if_ended()
        assert "Cannot allocate memory" in clock.said[-1]
    assert 0 < seconds_until_restart(restarts, clock) < 1
