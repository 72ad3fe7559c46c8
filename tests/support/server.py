"""The application as it runs in production: gunicorn, gevent workers, config/gunicorn.py."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tests.support.processes import children, end_with_parent, kill_tree

ROOT = Path(__file__).resolve().parents[2]
START_TIMEOUT = 90.0
OWN_VARIABLES = ("CHATAPP_", "OPENAI_", "MONGODB_", "WEB_CONCURRENCY", "HOST", "PORT", "SECRET_KEY", "PROMETHEUS_")


class ServerProcess:
    """Starts the server with ``env`` on top of a clean environment, and ends it with the ``with`` block.

    ``port`` 0 takes a free one; a server that is started again keeps the port it had. ``wait_for`` is the path that
    must answer 200 before ``start`` returns.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        *,
        workers: int = 2,
        port: int = 0,
        wait_for: str = "/readyz",
        app: str = "wsgi:app",
        config: str = "config/gunicorn.py",
    ) -> None:
        self._env = {name: value for name, value in os.environ.items() if not name.startswith(OWN_VARIABLES)}
        self._env |= {"CHATAPP_RATE_LIMITS": "off", "SECRET_KEY": "only-for-tests", "PYTHONUNBUFFERED": "1"}
        self._env |= {"CHATAPP_TITLES": "question"}  # a request more for each conversation, where a test counts them
        self._env |= {"CHATAPP_DATA_DIR": tempfile.gettempdir(), "WEB_CONCURRENCY": str(workers), **env}
        self._port = port
        self._wait_for = wait_for
        self._app = app
        self._config = str(ROOT / config)
        self._log = tempfile.NamedTemporaryFile(prefix="chatapp-server-", suffix=".log")  # noqa: SIM115
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def port(self) -> int:
        return self._port

    @property
    def pid(self) -> int:
        """Gunicorn's master."""
        if self._process is None:
            raise RuntimeError("the server is not running")
        return self._process.pid

    @property
    def logs(self) -> str:
        """Everything written so far, from every start."""
        return Path(self._log.name).read_text(errors="replace")

    def worker_pids(self) -> list[int]:
        return children(self.pid)

    def start(self) -> None:
        """Returns when ``wait_for`` answers 200.

        Raises:
            RuntimeError: the server ended, or was not ready in time. The message holds its log.
        """
        offset = len(self.logs)
        command = [sys.executable, "-m", "gunicorn", "-c", self._config, self._app]
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**self._env, "HOST": "127.0.0.1", "PORT": str(self._port)},
            stdout=self._log,
            stderr=self._log,
            preexec_fn=end_with_parent,
        )
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_ready(offset):
            if self._process.poll() is not None or time.monotonic() > deadline:
                log = self.logs[offset:]
                self.kill_all()
                raise RuntimeError(f"the server did not start:\n{log}")
            time.sleep(0.02)

    def signal(self, number: signal.Signals) -> None:
        """To gunicorn's master: ``SIGTERM`` ends it gracefully, ``SIGHUP`` replaces its workers."""
        os.kill(self.pid, number)

    def terminate(self, timeout: float = 40.0) -> float:
        """Ends it as an operator would. Returns the seconds it took."""
        started = time.monotonic()
        self.signal(signal.SIGTERM)
        self._wait(timeout)
        return time.monotonic() - started

    def kill_all(self) -> None:
        """``kill -9`` of the master and all workers."""
        if self._process is not None:
            kill_tree(self.pid)
            self._wait(10)

    def __enter__(self) -> ServerProcess:
        try:
            self.start()
        except BaseException:
            self._log.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_all()
        self._log.close()

    def _wait(self, seconds: float) -> None:
        if self._process is not None:
            self._process.wait(seconds)
            self._process = None

    def _is_ready(self, offset: int) -> bool:
        if self._port == 0:
            found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", self.logs[offset:])
            if found is None:
                return False
            self._port = int(found[1])
        try:
            with urllib.request.urlopen(self.base_url + self._wait_for, timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
