"""One running application for each data directory."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from chatapp.embedded.errors import StartError

ENDING_TIMEOUT = 35.0
"""Seconds that a start waits for one that is ending, which has 30 s for it."""


class RunLock:
    """Held by the kernel for as long as this process lives, however it ends. The file says who holds it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._holder: dict[str, Any] = {"pid": os.getpid(), "url": "", "ending": False}
        self._write()

    def say_where(self, url: str) -> None:
        """What whoever starts a second time is told to open instead."""
        self._holder["url"] = url
        self._write()

    def say_ending(self) -> None:
        """From now on a start waits instead of giving up."""
        self._holder["ending"] = True
        self._write()

    def _write(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        json.dump(self._holder, self._file)
        self._file.flush()


@contextmanager
def run_lock(path: Path, data: Path, pause: Callable[[], None]) -> Iterator[RunLock]:
    """Keeps every other start away from ``data``. ``pause``, which may raise, is called while it waits for an end.

    Raises:
        StartError: another one runs.
    """
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
        deadline = time.monotonic() + ENDING_TIMEOUT
        while not _is_taken(file):
            holder = _holder(file)
            if not holder.get("ending") or time.monotonic() > deadline:
                raise StartError(_already_running(data, holder))
            pause()
            time.sleep(0.1)
        yield RunLock(file)


def _is_taken(file: TextIO) -> bool:
    """Whether this process has the lock now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIO) -> dict[str, Any]:
    """Nothing where it is just about to write who it is."""
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
        f"It is running already{where}{who}, on the data in {data}. "
        "Stop it first, or set CHATAPP_DATA_DIR to another folder."
    )
