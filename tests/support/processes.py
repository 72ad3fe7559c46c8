"""Processes that tests start, and how they are made to end with them."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


def end_with_parent() -> None:
    """For ``preexec_fn``: the kernel kills this process when the one that started it is gone."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def wait_until(condition: Callable[[], bool], seconds: float = 10.0, *, what: str = "it") -> None:
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
    """Whether a process has this id and is not merely waiting to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def children(pid: int) -> list[int]:
    """The direct children of a process, oldest first."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [int(word) for word in text.split()]


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
