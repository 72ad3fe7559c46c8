"""A program that runs as a child of this process, and ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from config.processes import end_with_parent

LOG_LIMIT = 5_000_000
"""Bytes of a log that a start carries on with; a longer one is put aside, and the one before it deleted."""


class Child:
    """One program, in a process group of its own: a Ctrl-C in the terminal reaches this process alone.

    ``log`` is where its output goes; without one it goes where this process's own does.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        cwd: Path | None = None,
        on_parent_death: signal.Signals = signal.SIGKILL,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.name = name
        self.log = log
        self._command = list(command)
        self._env = env
        self._cwd = cwd
        self._on_parent_death = on_parent_death
        self._pass_fds = tuple(pass_fds)
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_status(self) -> int | None:
        """As ``subprocess`` gives it: negative for a signal. ``None`` while it runs, and before its start."""
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """From the main thread, because the child ends with the thread that starts it.

        Raises:
            OSError: the program is not there or cannot be run.
        """
        parent, number = os.getpid(), self._on_parent_death
        output = self._open_log() if self.log else None
        try:
            self._process = subprocess.Popen(
                self._command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=self._pass_fds,
                process_group=0,
                preexec_fn=lambda: end_with_parent(parent, number),  # noqa: PLW1509 - two system calls, no lock
            )
        finally:
            if output is not None:
                os.close(output)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Asks it to end. Only it is asked; what it has started itself is its own affair."""
        if self._process is not None and self.is_running:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Ends it and everything in its process group, at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def output(self) -> str:
        """What it has written to its log since its last start, at most the last 64 kB."""
        if self.log is None:
            return ""
        with self.log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._log_start, size - 65_536))
            return file.read().decode(errors="replace")

    def _open_log(self) -> int:
        assert self.log is not None  # noqa: S101 - for the type checker
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_name(self.log.name + ".old"))
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._log_start = os.fstat(descriptor).st_size
        return descriptor
