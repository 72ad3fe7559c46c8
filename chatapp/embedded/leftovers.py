"""Children that an earlier run left behind when it was killed.

The kernel ends them with their parent on Linux. This is for what takes its time to end, and for what slipped through.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from chatapp.embedded.child import Child
from chatapp.embedded.folder import write_private

PATIENCE = 10.0
"""Seconds that a process has to end in order before it is killed."""


def record(path: Path, children: Iterable[Child]) -> None:
    """Writes down which processes run now, for a later start to find. On a full disk it does not, and nothing ends."""
    pids = [child.pid for child in children if child.pid is not None and child.is_running]
    with suppress(OSError):
        write_private(path, json.dumps([{"pid": pid, "born": _born(pid)} for pid in pids]))


def end_leftovers(path: Path) -> int:
    """Ends what the last ``record`` names, and says how many were left.

    A process counts only if it was born when the record says: its number may belong to somebody else by now.
    """
    left = _still_running(_recorded(path))
    for pid, _ in left:
        _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + PATIENCE
    while _still_running(left) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid, _ in _still_running(left):
        _signal_group(pid, signal.SIGKILL)
    path.unlink(missing_ok=True)
    return len(left)


def _recorded(path: Path) -> list[tuple[int, str]]:
    try:
        return [(entry["pid"], entry["born"]) for entry in json.loads(path.read_text()) if entry["born"]]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):  # a disk that was full: then nothing is known to be ours
        return []


def _still_running(processes: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(pid, born) for pid, born in processes if _born(pid) == born]


def _born(pid: int) -> str | None:
    """When a process was started, in the kernel's words, and in which run of the machine. None for one that is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state == "Z" else f"{boot} {started}"


def _signal_group(pid: int, number: signal.Signals) -> None:
    """Each child leads a process group, which outlives it as long as one of its own children runs."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
