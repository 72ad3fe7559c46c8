from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatapp.embedded.errors import Interrupted, StartError
from chatapp.embedded.run_lock import RunLock, run_lock


@contextmanager
def locked(data: Path) -> Iterator[RunLock]:
    with run_lock(data / "lock", data, lambda: None) as lock:
        yield lock


def test_a_second_start_is_told_where_the_first_one_runs(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.say_where("http://127.0.0.1:8000")
        with pytest.raises(StartError) as refusal, locked(tmp_path):
            pass
    assert f"already at http://127.0.0.1:8000 (process {os.getpid()}), on the data in {tmp_path}." in str(refusal.value)


def test_a_second_start_changes_nothing(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.say_where("http://127.0.0.1:8000")
        before = (tmp_path / "lock").read_text()
        with pytest.raises(StartError), locked(tmp_path):
            pass
        assert (tmp_path / "lock").read_text() == before


def test_the_next_start_may_have_it_and_says_only_of_itself(tmp_path: Path) -> None:
    with locked(tmp_path) as lock:
        lock.say_where("http://a-much-longer-name.example:8000")
    with locked(tmp_path) as lock:
        lock.say_where("http://b")
        with pytest.raises(StartError, match="already at http://b "), locked(tmp_path):
            pass


def test_a_start_waits_for_one_that_is_ending(tmp_path: Path) -> None:
    first = locked(tmp_path)
    first.__enter__().say_ending()

    def end_it() -> None:
        first.__exit__(None, None, None)

    with run_lock(tmp_path / "lock", tmp_path, end_it) as second:
        second.say_where("http://second")


def test_it_can_be_told_to_end_while_it_waits(tmp_path: Path) -> None:
    def interrupt() -> None:
        raise Interrupted

    with locked(tmp_path) as lock:
        lock.say_ending()
        with pytest.raises(Interrupted), run_lock(tmp_path / "lock", tmp_path, interrupt):
            pass


def test_one_that_never_ends_is_not_waited_for_for_ever(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatapp.embedded.run_lock.ENDING_TIMEOUT", 0.2)
    with locked(tmp_path) as lock:
        lock.say_ending()
        with pytest.raises(StartError), locked(tmp_path):
            pass


def test_a_process_that_is_killed_lets_go_of_it(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from chatapp.embedded.run_lock import run_lock\n"
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
def test_a_holder_that_has_not_said_who_it_is_is_believed_to_run(tmp_path: Path, text: str) -> None:
    with locked(tmp_path):
        (tmp_path / "lock").write_text(text)
        with pytest.raises(StartError, match=r"^It is running already, on the data in"), locked(tmp_path):
            pass
