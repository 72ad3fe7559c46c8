from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from chatapp.embedded.child import FIRST_DELAY, LOG_LIMIT, LONGEST_DELAY, STEADY_AFTER, Child, Restarts
from config import processes
from tests.support.processes import is_running, wait_until


def run_to_its_end(child: Child) -> None:
    child.start()
    wait_until(lambda: not child.is_running)


def test_its_output_since_the_last_start_can_be_read(tmp_path: Path) -> None:
    child = Child(["echo", "hello"], log=tmp_path / "log")
    run_to_its_end(child)
    run_to_its_end(child)
    assert child.output() == "hello\n"
    assert (tmp_path / "log").read_text() == "hello\nhello\n"


def test_only_its_owner_can_read_its_log(tmp_path: Path) -> None:
    run_to_its_end(Child(["echo"], log=tmp_path / "log"))
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_its_log_does_not_grow_forever(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    run_to_its_end(Child(["echo", "new"], log=log))
    assert log.read_text() == "new\n"
    assert (tmp_path / "log.old").stat().st_size == LOG_LIMIT + 1


def test_a_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    child = Child(["sleep", "60"])
    child.start()
    assert child.pid is not None
    assert os.getpgid(child.pid) != os.getpgid(0)
    child.kill()
    assert child.exit_status == -signal.SIGKILL


def test_killing_it_kills_what_it_has_started(tmp_path: Path) -> None:
    child = Child(["sh", "-c", "sleep 60 & echo $!; wait"], log=tmp_path / "log")
    child.start()
    wait_until(lambda: bool(child.output()))
    child.kill()
    wait_until(lambda: not is_running(int(child.output())))


@pytest.mark.parametrize("by_kernel", [True, False], ids=["kernel", "watcher"])
def test_it_ends_with_the_process_that_started_it_however_that_ends(by_kernel: bool) -> None:
    script = (
        "import time; from config import processes; from chatapp.embedded.child import Child\n"
        f"{'' if by_kernel else 'processes.CAN_END_WITH_PARENT = False; processes._libc = None'}\n"
        "child = Child(['sleep', '60']); child.start(); print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_until(lambda: not is_running(pid))


@pytest.fixture
def without_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "CAN_END_WITH_PARENT", False)
    monkeypatch.setattr(processes, "_libc", None)


@pytest.mark.usefixtures("without_kernel")
def test_a_watcher_sends_the_signal_that_the_child_expects(tmp_path: Path) -> None:
    script = "trap 'echo ended in order; exit 7' TERM; echo ready; while :; do sleep 0.05; done"
    child = Child(["sh", "-c", script], log=tmp_path / "log", on_parent_death=signal.SIGTERM)
    child.start()
    wait_until(lambda: "ready" in child.output())
    assert child._watcher is not None
    assert child._watcher.stdin is not None
    child._watcher.stdin.close()  # as the end of this process would
    wait_until(lambda: not child.is_running)
    assert "ended in order" in child.output()
    assert child.exit_status == 7


@pytest.mark.usefixtures("without_kernel")
@pytest.mark.parametrize("killed", [True, False])
def test_a_watcher_goes_when_the_child_has_ended(killed: bool) -> None:
    child = Child(["sleep", "60" if killed else "0"])
    child.start()
    assert child._watcher is not None
    watcher = child._watcher.pid
    assert is_running(watcher)
    if killed:
        child.kill()
    wait_until(lambda: not child.is_running)
    assert not is_running(watcher)


def test_ending_a_child_that_was_never_started_does_nothing() -> None:
    child = Child(["true"])
    child.end()
    child.kill()
    assert (child.pid, child.exit_status, child.is_running) == (None, None, False)


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


def seconds_until_restart(restarts: Restarts, child: FakeChild, clock: Clock) -> float:
    ended = clock.now
    starts = child.starts
    restarts.restart_if_ended()
    while child.starts == starts:
        clock.now += 0.1
        restarts.restart_if_ended()
    return clock.now - ended


def test_a_child_that_runs_is_left_alone(restarts: Restarts, child: FakeChild) -> None:
    restarts.restart_if_ended()
    assert child.starts == 0


def test_a_child_that_ended_is_restarted_at_once_and_the_reason_is_reported(
    restarts: Restarts, child: FakeChild, clock: Clock
) -> None:
    child.is_running = False
    restarts.restart_if_ended()
    assert child.starts == 1
    assert clock.said == ["It broke. Restarting it."]


def test_a_child_that_keeps_ending_is_restarted_less_and_less_often(
    restarts: Restarts, child: FakeChild, clock: Clock
) -> None:
    delays = []
    for _ in range(10):
        child.is_running = False
        delays.append(seconds_until_restart(restarts, child, clock))
    assert delays[0] == 0
    assert delays[1] == pytest.approx(FIRST_DELAY, abs=0.2)
    assert delays == sorted(delays)
    assert delays[-1] == pytest.approx(LONGEST_DELAY, abs=0.2)
    assert len(clock.said) == 10


def test_a_child_that_ran_for_a_long_time_is_restarted_at_once(
    restarts: Restarts, child: FakeChild, clock: Clock
) -> None:
    for _ in range(5):
        child.is_running = False
        seconds_until_restart(restarts, child, clock)
    clock.now += STEADY_AFTER + 1
    restarts.restart_if_ended()
    child.is_running = False
    assert seconds_until_restart(restarts, child, clock) == 0


def test_if_the_system_cannot_start_it_now_it_is_tried_again_later(
    restarts: Restarts, child: FakeChild, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory() -> None:
        raise OSError(12, "Cannot allocate memory")

    child.is_running = False
    with monkeypatch.context() as patch:
        patch.setattr(child, "start", no_memory)
        restarts.restart_if_ended()
        assert "Cannot allocate memory" in clock.said[-1]
    assert 0 < seconds_until_restart(restarts, child, clock) < 1
