"""Processes that tests start, and how they end with the tests."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from config import processes

PATIENCE = 30.0
"""Seconds. Only what never happens takes so long, on however slow a machine."""


def end_with_parent() -> None:
    """For ``preexec_fn``: on Linux the kernel kills this process when the one that started it ends."""
    processes.end_with_parent(os.getppid())


def wait_until(condition: Callable[[], bool], seconds: float = PATIENCE, *, what: str = "it") -> None:
    """Returns once ``condition`` holds.

    Raises:
        TimeoutError: it did not within ``seconds``.
    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} s")
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether there is a process with this id that is not merely waiting to be reaped."""
    state = _ps("-o", "state=", "-p", str(pid)).strip()
    return state != "" and not state.startswith("Z")


def children(pid: int) -> list[int]:
    """The direct children of a process, oldest first."""
    if not Path("/proc").exists():  # macOS
        table = [line.split() for line in _ps("-A", "-o", "pid=", "-o", "ppid=").splitlines()]
        return sorted(int(child) for child, parent in table if int(parent) == pid)
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for word in text.split()]


def command_line(pid: int) -> str:
    """As every user of the machine can read it."""
    return _ps("-ww", "-o", "command=", "-p", str(pid))


def _ps(*options: str) -> str:
    return subprocess.run(["ps", *options], capture_output=True, text=True, check=False).stdout


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for child in children(pid):
        found += tree(child)
    return found


def kill_tree(pid: int) -> None:
    """``kill -9`` of a process and everything below it, stopped first so that none starts another."""
    pids: list[int] = []
    while (now := tree(pid)) != pids:
        pids = now
        for each in pids:
            _signal(each, signal.SIGSTOP)
    for each in pids:
        _signal(each, signal.SIGKILL)


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
