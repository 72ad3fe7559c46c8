from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatapp.embedded import Interrupted, StartError, runs
from chatapp.embedded.child import Child
from chatapp.embedded.runs import RunLock, end_leftovers, record_children, run_lock, start_time

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


@contextmanager
def locked(data: Path) -> Iterator[RunLock]:
    with run_lock(data / "lock", data, lambda: None) as lock:
        yield lock


def test_a_second_start_is_told_where_the_first_one_runs(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.set_url("http://127.0.0.1:8000")
        with pytest.raises(StartError) as refusal, locked(tmp_path):
            pass
    assert f"running at http://127.0.0.1:8000 (process {os.getpid()}), on the data in {tmp_path}." in str(refusal.value)


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.set_url("http://127.0.0.1:8000")
        before = (tmp_path / "lock").read_text()
        with pytest.raises(StartError), locked(tmp_path):
            pass
        assert (tmp_path / "lock").read_text() == before


def test_the_next_start_gets_the_lock_and_describes_only_itself(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.set_url("http://a-much-longer-name.example:8000")
    with locked(tmp_path) as lock:
        lock.set_url("http://b")
        with pytest.raises(StartError, match="running at http://b "), locked(tmp_path):
            pass


def test_a_start_waits_for_a_shutdown(tmp_path: Path) -> None:
    first = locked(tmp_path)
    first.__enter__().announce_shutdown()

    def end_it() -> None:
        first.__exit__(None, None, None)

    with run_lock(tmp_path / "lock", tmp_path, end_it) as second:
        second.set_url("http://second")


def test_it_can_be_told_to_stop_while_it_waits(tmp_path: Path) -> None:
    def interrupt() -> None:
        raise Interrupted

    with locked(tmp_path) as lock:
        lock.announce_shutdown()
        with pytest.raises(Interrupted), run_lock(tmp_path / "lock", tmp_path, interrupt):
            pass


def test_a_shutdown_that_never_ends_is_not_waited_for_forever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.embedded.runs.SHUTDOWN_TIMEOUT", 0.2)
    with locked(tmp_path) as lock:
        lock.announce_shutdown()
        with pytest.raises(StartError), locked(tmp_path):
            pass


def test_a_killed_process_releases_the_lock(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from chatapp.embedded.runs import run_lock\n"
        "data = Path(sys.argv[1])\n"
        "with run_lock(data / 'lock', data, lambda: None): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StartError), locked(tmp_path):
            pass
        holder.kill()
    with locked(tmp_path):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_holder_that_has_not_written_who_it_is_counts_as_running(tmp_path: Path, text: str) -> None:
    with locked(tmp_path):
        (tmp_path / "lock").write_text(text)
        with pytest.raises(StartError, match=r"^It is already running, on the data in"), locked(tmp_path):
            pass


@pytest.fixture
def sleeper() -> Iterator[Child]:
    child = Child("sleeper", ["sleep", "60"])
    child.start()
    yield child
    child.kill()


def test_a_recorded_process_that_still_runs_is_ended(tmp_path: Path, sleeper: Child) -> None:
    file = tmp_path / "children.json"
    record_children(file, [sleeper])
    assert end_leftovers(file) == 1
    assert not sleeper.is_running
    assert not file.exists()


def test_a_process_that_ignores_sigterm_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "LEFTOVER_TIMEOUT", 0.2)
    child = Child("stubborn", [sys.executable, "-c", STUBBORN], log=tmp_path / "log")
    child.start()
    while "on" not in child.output():
        time.sleep(0.02)
    record_children(tmp_path / "children.json", [child])
    end_leftovers(tmp_path / "children.json")
    child.kill()  # only waits for it
    assert child.exit_status == -9


def test_a_different_process_with_the_same_number_is_left_alone(tmp_path: Path, sleeper: Child) -> None:
    file = tmp_path / "children.json"
    file.write_text(json.dumps([{"pid": sleeper.pid, "born": "another boot 12345"}]))
    assert end_leftovers(file) == 0
    assert sleeper.is_running


def test_nothing_is_left_after_an_orderly_end(tmp_path: Path) -> None:
    assert end_leftovers(tmp_path / "children.json") == 0


@pytest.mark.parametrize("text", ["", "{", "[1]", '[{"pid": 1}]', "null"])
def test_a_damaged_record_does_not_prevent_a_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "children.json"
    file.write_text(text)
    assert end_leftovers(file) == 0


@pytest.fixture(params=["linux", "darwin"])
def platform(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """``ps`` is asked everywhere except on Linux; its options are the same."""
    monkeypatch.setattr(sys, "platform", request.param)


@pytest.mark.usefixtures("platform")
def test_the_start_time_tells_a_process_from_a_later_one(sleeper: Child) -> None:
    assert sleeper.pid is not None
    started = start_time(sleeper.pid)
    assert started
    assert started == start_time(sleeper.pid)
    assert started != start_time(os.getppid())


@pytest.mark.usefixtures("platform")
def test_a_process_that_has_ended_has_no_start_time(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:  # a zombie until it is waited for
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert start_time(process.pid) is None


@pytest.mark.usefixtures("platform")
def test_leftovers_are_found_on_every_platform(tmp_path: Path, sleeper: Child) -> None:
    record_children(tmp_path / "children.json", [sleeper])
    assert end_leftovers(tmp_path / "children.json") == 1
    assert not sleeper.is_running


def test_the_time_zone_does_not_change_a_start_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    here = start_time(os.getpid())
    monkeypatch.setenv("TZ", "America/New_York")
    assert here
    assert start_time(os.getpid()) == here
