"""A program that runs as a child of this process: started, logged, ended with it, and restarted when it crashes."""

import http.client
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from config import processes

ROOT = Path(__file__).resolve().parents[2]
"""Of the project: the folder that its modules are found in."""

LOG_LIMIT = 5_000_000
"""Bytes. At a start a longer log is renamed to ``.old``, which replaces the previous ``.old``."""

FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
STEADY_AFTER = 60.0
"""Seconds that a child must run for its earlier crashes to be forgotten."""

# Its input ends when the process that holds the other end of the pipe ends, for whatever reason.
_WATCHER = 'read -r _; kill -s "$1" -- "-$2"'

_BASIC_VARIABLES = ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def basic_environment() -> dict[str, str]:
    """What an embedded part needs of this process's environment. The rest may hold secrets."""
    return {name: os.environ[name] for name in _BASIC_VARIABLES if name in os.environ}


def is_ready(host: str, port: int, path: str, *, seconds: float) -> bool:
    """Whether the part that listens there answers ``path`` with 200, within so many ``seconds``."""
    connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


class Child:
    """One program, in its own process group: a Ctrl-C in the terminal reaches only this process.

    Its output goes to ``log``, or to the same place as the output of this process. It ends with this process: it gets
    ``on_parent_death`` from the kernel, or, where the kernel cannot do that, from a shell that waits beside it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
        cwd: Path | None = None,
        on_parent_death: signal.Signals = signal.SIGKILL,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self._log = log
        self._command = list(command)
        self._env = env
        self._cwd = cwd
        self._on_parent_death = on_parent_death
        self._pass_fds = tuple(pass_fds)
        self._process: subprocess.Popen[bytes] | None = None
        self._watcher: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self.exit_status is None

    @property
    def exit_status(self) -> int | None:
        """As in ``subprocess``: negative for a signal. ``None`` while it runs and before it is started."""
        status = self._process.poll() if self._process else None
        if status is not None:
            self._dismiss_watcher()
        return status

    def start(self) -> None:
        """Call it from the main thread, because the child ends when the thread that starts it ends.

        Raises:
            OSError: the program does not exist or cannot be run.
        """
        parent, number = os.getpid(), self._on_parent_death
        output = self._open_log(self._log) if self._log else None
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
                preexec_fn=lambda: processes.end_with_parent(parent, number),  # noqa: PLW1509 - two system calls
            )
        finally:
            if output is not None:
                os.close(output)
        if not processes.CAN_END_WITH_PARENT:
            self._start_watcher(self._process.pid)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """Asks the program to end, but not the processes that it has started: those are its own business."""
        if self._process is not None and self.is_running:
            self._process.send_signal(number)

    def kill(self) -> None:
        """Ends the program and everything in its process group at once."""
        if self._process is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._dismiss_watcher()

    def output(self) -> str:
        """What the program has written to its log since it was last started, at most the last 64 kB."""
        if self._log is None:
            return ""
        with self._log.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(self._log_start, size - 65_536))
            return file.read().decode(errors="replace")

    def _open_log(self, log: Path) -> int:
        if log.exists() and log.stat().st_size > LOG_LIMIT:
            log.replace(log.with_name(log.name + ".old"))
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self._log_start = os.fstat(descriptor).st_size
        return descriptor

    def _start_watcher(self, pid: int) -> None:
        command = ["/bin/sh", "-c", _WATCHER, "watcher", self._on_parent_death.name.removeprefix("SIG"), str(pid)]
        self._watcher = subprocess.Popen(command, stdin=subprocess.PIPE, process_group=0)

    def _dismiss_watcher(self) -> None:
        """At once after the child's end, because another process may get the child's number."""
        if self._watcher is not None:
            self._watcher.kill()
            self._watcher.communicate()
            self._watcher = None


class Restarts:
    """Restarts a child that has ended: the first time at once, then after a delay (seconds) that doubles each time."""

    def __init__(self, child: Child, failure: Callable[[], str], say: Callable[[str], None]) -> None:
        self._child = child
        self._failure = failure
        self._say = say
        self._delay = 0.0
        self._started = time.monotonic()
        self._due: float | None = None

    def restart_if_ended(self) -> None:
        """Call it often."""
        now = time.monotonic()
        if self._child.is_running:
            if now - self._started > STEADY_AFTER:
                self._delay = 0.0
            return
        if self._due is None:
            self._say(f"{self._failure()} Restarting it.")
            self._due = now + self._delay
            self._delay = min(LONGEST_DELAY, max(FIRST_DELAY, self._delay * 2))
        if now < self._due:
            return
        self._due = None
        self._started = now
        try:
            self._child.start()
        except OSError as error:  # no memory or no free process; there may be later
            self._say(f"It cannot be restarted at the moment ({error.strerror}).")
