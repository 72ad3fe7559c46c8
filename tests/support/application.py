"""The whole application, started as a person starts it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.support.processes import PATIENCE, end_with_parent, is_running, kill_tree, tree, wait_until
from tests.support.server import OWN_VARIABLES, ROOT

READY_TIMEOUT = 90.0
SUPERVISOR = (sys.executable, "-m", "chatapp.embedded", "--with-parent")
MAKE_RUN = ("make", "--silent", "run")


class Application:
    """``make run`` or what it ends up in, on a data folder and with an output file of its own.

    ``env`` comes on top of an environment in which nothing of the application is set.
    """

    def __init__(
        self, folder: Path, env: Mapping[str, str] | None = None, command: Sequence[str] = SUPERVISOR, port: int = 0
    ) -> None:
        self.data = folder / "data"
        self._command = command
        self._output = folder / f"output-{os.urandom(4).hex()}"
        self._env = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self._env |= {"CHATAPP_DATA_DIR": str(self.data), "PORT": str(port), "PYTHONUNBUFFERED": "1", **(env or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.base_url = ""

    @property
    def process(self) -> subprocess.Popen[bytes]:
        assert self._process is not None
        return self._process

    @property
    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def launch(self) -> None:
        """Starts it without waiting for anything."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=output, stderr=output, preexec_fn=end_with_parent
            )

    def start(self) -> float:
        """Starts it. Returns the seconds until ``/readyz`` answered 200, when it says where to open it."""
        started = time.monotonic()
        before = len(self.output) if self._output.exists() else 0
        self.launch()
        wait_until(lambda: self._is_ready(before) or self._has_ended(), READY_TIMEOUT, what="the start")
        if self._has_ended():
            raise RuntimeError(f"it ended instead of starting:\n{self.output[before:]}")
        return time.monotonic() - started

    def ends_with(self, timeout: float = 60.0) -> int:
        """Waits for its end and returns the exit status."""
        return self.process.wait(timeout)

    def pids(self) -> list[int]:
        """All of its processes, the one that was started first."""
        return tree(self.process.pid)

    def terminate(self) -> float:
        """Ends it as Ctrl-C or a service manager would. Returns the seconds until no process of it is left."""
        started = time.monotonic()
        pids = self.pids()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        wait_until(lambda: not any(is_running(pid) for pid in pids))
        return time.monotonic() - started

    def kill(self) -> None:
        """``kill -9`` of every process at once."""
        kill_tree(self.process.pid)
        self.process.wait(10)

    def clean_up(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()

    def _has_ended(self) -> bool:
        return self.process.poll() is not None

    def _is_ready(self, before: int) -> bool:
        found = re.search(r"Open (http://\S+)", self.output[before:])
        if found is None:
            return False
        self.base_url = found[1]
        try:
            with urllib.request.urlopen(self.base_url + "/readyz", timeout=PATIENCE) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
