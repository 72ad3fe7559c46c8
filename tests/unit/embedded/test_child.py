from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

from chatapp.embedded.child import LOG_LIMIT, Child
from tests.support.processes import is_running, wait_until


def run_to_its_end(child: Child) -> None:
    child.start()
    wait_until(lambda: not child.is_running)


def test_its_output_since_the_last_start_can_be_read(tmp_path: Path) -> None:
    child = Child("echo", ["echo", "hello"], log=tmp_path / "log")
    run_to_its_end(child)
    run_to_its_end(child)
    assert child.output() == "hello\n"
    assert (tmp_path / "log").read_text() == "hello\nhello\n"


def test_only_its_owner_can_read_its_log(tmp_path: Path) -> None:
    run_to_its_end(Child("echo", ["echo"], log=tmp_path / "log"))
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_its_log_does_not_grow_for_ever(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    run_to_its_end(Child("echo", ["echo", "new"], log=log))
    assert log.read_text() == "new\n"
    assert (tmp_path / "log.old").stat().st_size == LOG_LIMIT + 1


def test_a_ctrl_c_in_the_terminal_does_not_reach_it() -> None:
    child = Child("sleep", ["sleep", "60"])
    child.start()
    assert child.pid is not None
    assert os.getpgid(child.pid) != os.getpgid(0)
    child.kill()
    assert child.exit_status == -signal.SIGKILL


def test_killing_it_kills_what_it_has_started(tmp_path: Path) -> None:
    child = Child("shell", ["sh", "-c", "sleep 60 & echo $!; wait"], log=tmp_path / "log")
    child.start()
    wait_until(lambda: bool(child.output()))
    child.kill()
    wait_until(lambda: not is_running(int(child.output())))


def test_it_ends_with_the_process_that_started_it_however_that_ends() -> None:
    script = (
        "import time; from chatapp.embedded.child import Child\n"
        "child = Child('sleep', ['sleep', '60']); child.start(); print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_until(lambda: not is_running(pid), 2.0)


def test_ending_one_that_was_never_started_does_nothing() -> None:
    child = Child("never", ["true"])
    child.end()
    child.kill()
    assert (child.pid, child.exit_status, child.is_running) == (None, None, False)
    time.sleep(0)
