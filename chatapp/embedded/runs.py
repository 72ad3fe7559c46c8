"""One running application per data directory: its lock, and the processes that an earlier one left behind."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TextIO

from chatapp.embedded import StartError
from chatapp.embedded.child import Child
from chatapp.embedded.data_folder import write_private

SHUTDOWN_TIMEOUT = 35.0
"""Seconds that a start waits for an application that is shutting down, which takes at most 30 s."""

LEFTOVER_TIMEOUT = 10.0
"""Seconds that a leftover process has to end in order before it is killed."""


class RunLock:
    """The kernel holds the lock until this process ends, for whatever reason. The file says who has it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._holder: dict[str, Any] = {"pid": os.getpid(), "url": "", "ending": False}
        self._write()

    def set_url(self, url: str) -> None:
        """``url`` is where somebody who tries to start a second application can open the first one."""
        self._holder["url"] = url
        self._write()

    def announce_shutdown(self) -> None:
        """From now on another start waits instead of giving up."""
        self._holder["ending"] = True
        self._write()

    def _write(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        json.dump(self._holder, self._file)
        self._file.flush()


@contextmanager
def run_lock(path: Path, data: Path, pause: Callable[[], None]) -> Iterator[RunLock]:
    """Prevents a second start on ``data``. While it waits for a shutdown it calls ``pause``, which may raise.

    Raises:
        StartError: the application is already running.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        deadline = time.monotonic() + SHUTDOWN_TIMEOUT
        while not _acquire(file):
            holder = _holder(file)
            if not holder.get("ending") or time.monotonic() > deadline:
                raise StartError(_already_running(data, holder))
            pause()
            time.sleep(0.1)
        yield RunLock(file)


def record_children(path: Path, children: Iterable[Child]) -> None:
    """Writes down which processes run now, for a later start to find. If the disk is full, nothing is written."""
    pids = [child.pid for child in children if child.pid is not None and child.is_running]
    with suppress(OSError):
        write_private(path, json.dumps([{"pid": pid, "born": start_time(pid)} for pid in pids]))


def end_leftovers(path: Path) -> int:
    """Ends the processes in the last record that still run, and returns how many there were.

    A process counts only if it was started at the recorded time: its number may belong to a different one by now.
    """
    left = _still_running(_recorded(path))
    for pid, _ in left:
        _signal_group(pid, signal.SIGTERM)
    deadline = time.monotonic() + LEFTOVER_TIMEOUT
    while _still_running(left) and time.monotonic() < deadline:
        time.sleep(0.05)
    for pid, _ in _still_running(left):
        _signal_group(pid, signal.SIGKILL)
    path.unlink(missing_ok=True)
    return len(left)


def start_time(pid: int) -> str | None:
    """When a process was started, in a form that only serves for comparison; ``None`` if it has ended."""
    return _start_time_from_proc(pid) if sys.platform == "linux" else _start_time_from_ps(pid)


def _acquire(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIO) -> dict[str, Any]:
    """Empty if the holder is just about to write who it is."""
    file.seek(0)
    try:
        found = json.loads(file.read())
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _already_running(data: Path, holder: dict[str, Any]) -> str:
    where = f" at {holder['url']}" if holder.get("url") else ""
    who = f" (process {holder['pid']})" if "pid" in holder else ""
    return (
        f"It is already running{where}{who}, on the data in {data}. "
        "Stop it first, or set CHATAPP_DATA_DIR to another folder."
    )


def _recorded(path: Path) -> list[tuple[int, str]]:
    try:
        return [(entry["pid"], entry["born"]) for entry in json.loads(path.read_text()) if entry["born"]]
    except FileNotFoundError:
        return []
    except (ValueError, TypeError, KeyError):  # the disk was full: no process is known to be ours
        return []


def _still_running(processes: list[tuple[int, str]]) -> list[tuple[int, str]]:
    return [(pid, born) for pid, born in processes if start_time(pid) == born]


def _start_time_from_proc(pid: int) -> str | None:
    """In clock ticks since the machine was booted, and which boot that was."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return None
    state, started = fields[0], fields[19]
    return None if state == "Z" else f"{boot} {started}"


def _start_time_from_ps(pid: int) -> str | None:
    """To the second, which is enough: a process number does not come back within a second."""
    command = ["ps", "-o", "state=", "-o", "lstart=", "-p", str(pid)]
    env = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env=env)
    state, _, started = answer.stdout.strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()


def _signal_group(pid: int, number: signal.Signals) -> None:
    """Each child leads a process group, which exists for as long as any of the child's own children runs."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
