"""MongoDB as a child process: a replica set of one on loopback, that asks for a password."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from pymongo.errors import PyMongoError

from chatapp.embedded.child import Child
from chatapp.embedded.credentials import Credentials, load_mongod_key, save_credentials
from chatapp.embedded.errors import StartError
from chatapp.embedded.folder import DataFolder
from chatapp.embedded.mongod_failures import ADDRESS_IN_USE, explain
from chatapp.embedded.ports import LOOPBACK, accepts, free_port, is_free
from chatapp.embedded.replica_set import (
    NAME,
    application_uri,
    ensure_replica_set,
    ensure_user,
    is_writable,
    system_client,
)

START_TIMEOUT = 120.0
"""Seconds until it takes writes: long, for the recovery of much data after a crash.

Where another program has taken its port and answers nothing there, MongoDB itself waits 30 s for it.
"""

_POLL = 0.05
_PORTS_TRIED = 3

_OPTIONS = {
    "--bind_ip": LOOPBACK,
    "--replSet": NAME,
    "--wiredTigerCacheSizeGB": "0.5",
    "--oplogSize": "1024",  # MB; by default a twentieth of the disk
    "--slowms": "86400000",  # what is slow is logged with its text, and that is what people wrote
}
_PARAMETERS = {
    "enableLocalhostAuthBypass": "false",
    "diagnosticDataCollectionEnabled": "false",
    "shutdownTimeoutMillisForSignaledShutdown": "100",  # there is no other member to wait for
}


class EmbeddedMongod:
    """Started with ``start`` and usable after ``wait``; what it asks for before it answers is in ``credentials``."""

    def __init__(self, folder: DataFolder, credentials: Credentials, database: str) -> None:
        self._folder = folder
        self._credentials = credentials
        self._database = database
        self.child = self._child()

    @property
    def uri(self) -> str:
        return application_uri(self._credentials.mongod_port, self._credentials.mongod_password)

    def start(self) -> None:
        """Starts the process; it is not usable before ``wait`` has returned.

        Raises:
            StartError: the program cannot be run.
        """
        load_mongod_key(self._folder.mongod_key)
        if not is_free(self._credentials.mongod_port):
            self._take_another_port()
        try:
            self.child.start()
        except OSError as error:
            raise StartError(
                f"{self._credentials.mongod_program} cannot be run ({error.strerror}). Set MONGODB_URI."
            ) from error

    def end(self) -> None:
        self.child.end()

    def wait(self, pause: Callable[[], None]) -> None:
        """Returns when it takes writes from the application's user. Calls ``pause`` meanwhile, which may raise.

        Raises:
            StartError: it ended, or takes too long.
        """
        deadline = time.monotonic() + START_TIMEOUT
        tries = 1
        while not self._is_usable():
            pause()
            if self.child.exit_status == ADDRESS_IN_USE and tries < _PORTS_TRIED:
                tries += 1
                self._take_another_port()
                self.child.start()
            elif not self.child.is_running:
                raise StartError(self.failure())
            elif time.monotonic() > deadline:
                raise StartError(f"mongod takes no writes after {START_TIMEOUT:.0f} s. Its log is {self._log}.")
            time.sleep(_POLL)

    def failure(self) -> str:
        """Why it ended, in one line."""
        status = self.child.exit_status or 0
        return explain(status, self.child.output(), data=self._folder.mongod_data, log=self._log)

    @property
    def _log(self) -> Path:
        return self._folder.logs / "mongod.log"

    def _is_usable(self) -> bool:
        """Takes it one step further, as far as it goes at this moment."""
        port = self._credentials.mongod_port
        if not self.child.is_running or not accepts(port):
            return False
        try:
            with system_client(port, load_mongod_key(self._folder.mongod_key)) as client:
                ensure_replica_set(client, port)
                if not is_writable(client):
                    return False
                ensure_user(client, self._credentials.mongod_password, self._database)
        except PyMongoError:  # its start has not come that far; the log has it if it never does
            return False
        return True

    def _take_another_port(self) -> None:
        self._credentials.mongod_port = free_port()
        save_credentials(self._folder.credentials, self._credentials)
        self.child = self._child()

    def _child(self) -> Child:
        kept = self._credentials
        command = [kept.mongod_program, "--dbpath", str(self._folder.mongod_data), "--port", str(kept.mongod_port)]
        command += ["--keyFile", str(self._folder.mongod_key), "--nounixsocket", "--quiet"]
        for option in _OPTIONS.items():
            command += option
        for name, value in _PARAMETERS.items():
            command += ["--setParameter", f"{name}={value}"]
        env = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "HOME") if name in os.environ}
        return Child("MongoDB", command, env=env, log=self._log, on_parent_death=signal.SIGTERM)
