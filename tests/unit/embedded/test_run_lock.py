from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chatapp.embedded import Interrupted, StartError, data_folder
from chatapp.embedded.child import Child
from chatapp.embedded.data_folder import DataFolder, RunLock, run_lock
from tests.support.processes import wait_until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('on', flush=True); time.sleep(60)"


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path)
    folder.prepare()
    return folder


@contextmanager
def locked(folder: DataFolder) -> Iterator[RunLock]:
    with run_lock(folder, lambda: None) as lock:
        yield lock


def test_a_second_start_is_told_where_the_first_one_runs(folder: DataFolder) -> None:
    with locked(folder) as lock:
        lock.set_url("http://127.0.0.1:8000")
        with pytest.raises(StartError) as refusal, locked(folder):
            pass
    assert f"running at http://127.0.0.1:8000 (process {os.getpid()}), on the data in {folder.path}." in str(
        refusal.value
    )


def test_a_second_start_changes_nothing(folder: DataFolder) -> None:
    with locked(folder) as lock:
        lock.set_url("http://127.0.0.1:8000")
        before = folder.lock.read_text()
        with pytest.raises(StartError), locked(folder):
            pass
        assert folder.lock.read_text() == before


def test_the_next_start_gets_the_lock_and_describes_only_itself(folder: DataFolder) -> None:
    with locked(folder) as lock:
        lock.set_url("http://a-much-longer-name.example:8000")
    with locked(folder) as lock:
        lock.set_url("http://b")
        with pytest.raises(StartError, match="running at http://b "), locked(folder):
            pass


def test_a_start_waits_for_a_shutdown(folder: DataFolder) -> None:
    first = locked(folder)
    first.__enter__().announce_shutdown()

    def end_it() -> None:
        first.__exit__(None, None, None)

    with run_lock(folder, end_it) as second:
        second.set_url("http://second")


def test_it_can_be_told_to_stop_while_it_waits(folder: DataFolder) -> None:
    def interrupt() -> None:
        raise Interrupted

    with locked(folder) as lock:
        lock.announce_shutdown()
        with pytest.raises(Interrupted), run_lock(folder, interrupt):
            pass


def test_a_shutdown_that_never_ends_is_not_waited_for_forever(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "SHUTDOWN_TIMEOUT", 0.2)
    with locked(folder) as lock:
        lock.announce_shutdown()
        with pytest.raises(StartError), locked(folder):
            pass


def test_a_killed_process_releases_the_lock(folder: DataFolder) -> None:
    script = (
        "import sys, time; from pathlib import Path; from chatapp.embedded.data_folder import DataFolder, run_lock\n"
        "with run_lock(DataFolder(Path(sys.argv[1])), lambda: None): print('held', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(folder.path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StartError), locked(folder):
            pass
        holder.kill()
    with locked(folder):
        pass


@pytest.mark.parametrize("text", ["", "{", "[]"])
def test_a_holder_that_has_not_written_who_it_is_counts_as_running(folder: DataFolder, text: str) -> None:
    with locked(folder):
        folder.lock.write_text(text)
        with pytest.raises(StartError, match=r"^It is already running, on the data in"), locked(folder):
            pass


def sleeping_child_of(lock: RunLock, log: Path) -> Child:
    """It ignores SIGTERM, and has said so."""
    child = Child([sys.executable, "-c", STUBBORN], log=log, pass_fds=[lock.for_children])
    child.start()
    wait_until(lambda: "on" in child.output())
    return child


def test_a_start_waits_until_the_last_child_of_an_earlier_run_has_ended(folder: DataFolder) -> None:
    with locked(folder) as lock:
        child = sleeping_child_of(lock, folder.path / "log")
    with run_lock(folder, child.kill):
        assert child.exit_status == -9


def test_who_waits_for_such_a_child_is_named_and_not_the_run_that_has_ended(folder: DataFolder) -> None:
    with locked(folder) as lock:
        lock.set_url("http://ended")
        child = sleeping_child_of(lock, folder.path / "log")

    def start_once_more() -> None:
        child.kill()
        with pytest.raises(StartError, match=rf"^It is already running \(process {os.getpid()}\)"), locked(folder):
            pass

    with run_lock(folder, start_once_more):
        pass


def test_a_child_that_never_ends_is_not_waited_for_forever(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_folder, "SHUTDOWN_TIMEOUT", 0.2)
    with locked(folder) as lock:
        child = sleeping_child_of(lock, folder.path / "log")
    with pytest.raises(StartError, match=r"of an earlier run on .* does not end\. Kill it"), locked(folder):
        pass
    child.kill()
    with locked(folder):
        pass


def test_a_child_that_was_given_no_lock_is_not_waited_for(folder: DataFolder) -> None:
    with locked(folder):
        child = Child(["sleep", "60"])
        child.start()
    with locked(folder):
        pass
    child.kill()
