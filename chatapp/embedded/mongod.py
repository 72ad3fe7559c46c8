"""MongoDB as a child process: a replica set of one on loopback, with a password.

Nobody else on the machine can take it over, not even for a moment: the exception that MongoDB makes for the first user
on localhost is switched off. The setup signs in as ``__system``, the user that members of a replica set are to each
other, whose password is the key file.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chatapp.embedded import StartError
from chatapp.embedded.child import Child, basic_environment
from chatapp.embedded.data_folder import Credentials, DataFolder, load_mongod_key, save_credentials
from chatapp.embedded.mongod_program import ADDRESS_IN_USE, explain
from chatapp.embedded.ports import LOOPBACK, accepts, free_port, is_free

Client = MongoClient[dict[str, Any]]

START_TIMEOUT = 120.0
"""Seconds until it must accept writes: enough to recover a lot of data after a crash.

If another program has taken its port and does not answer there, MongoDB itself waits 30 s for it.
"""

NAME = "chatapp"
"""The name of the replica set and of its only user."""

_USER_NOT_FOUND = 11
_POLL = 0.05
_PORTS_TRIED = 3

_OPTIONS = {
    "--bind_ip": LOOPBACK,
    "--replSet": NAME,
    "--wiredTigerCacheSizeGB": "0.5",
    "--oplogSize": "1024",  # MB; the default is a twentieth of the disk
    "--slowms": "86400000",  # slow operations are logged with their text, which is what people wrote
}
_PARAMETERS = {
    "enableLocalhostAuthBypass": "false",
    "diagnosticDataCollectionEnabled": "false",
    "shutdownTimeoutMillisForSignaledShutdown": "100",  # there is no other member to wait for
}


class EmbeddedMongod:
    """``start`` starts it, and after ``wait`` it can be used."""

    def __init__(self, folder: DataFolder, credentials: Credentials, database: str) -> None:
        self._folder = folder
        self._credentials = credentials
        self._database = database
        self.child = self._child()

    @property
    def uri(self) -> str:
        """What the application connects with. The password consists of characters that need no escaping."""
        kept = self._credentials
        return f"mongodb://{NAME}:{kept.mongod_password}@{self._host}/?replicaSet={NAME}&authSource=admin"

    def start(self) -> None:
        """Starts the process, which cannot be used before ``wait`` has returned.

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
        """Returns when it accepts writes from the application's user. Until then it calls ``pause``, which may raise.

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
                raise StartError(f"mongod accepts no writes after {START_TIMEOUT:.0f} s. Its log is {self._log}.")
            time.sleep(_POLL)

    def failure(self) -> str:
        """Why it ended, as one line."""
        status = self.child.exit_status or 0
        return explain(status, self.child.output(), data=self._folder.mongod_data, log=self._log)

    @property
    def _host(self) -> str:
        return f"{LOOPBACK}:{self._credentials.mongod_port}"

    @property
    def _log(self) -> Path:
        return self._folder.logs / "mongod.log"

    def _is_usable(self) -> bool:
        """Takes the setup one step further, as far as possible at this moment."""
        if not self.child.is_running or not accepts(self._credentials.mongod_port):
            return False
        try:
            with _system_client(self._host, load_mongod_key(self._folder.mongod_key)) as client:
                _ensure_replica_set(client, self._host)
                if not client.admin.command("hello")["isWritablePrimary"]:
                    return False
                _ensure_user(client, self._credentials.mongod_password, self._database)
        except PyMongoError:  # it is still starting; if it never gets further, the reason is in its log
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
        return Child("MongoDB", command, env=basic_environment(), log=self._log, on_parent_death=signal.SIGTERM)


def _system_client(host: str, key: str) -> Client:
    """A connection with every right, only for the setup. Close it."""
    return MongoClient(
        host,
        directConnection=True,
        username="__system",
        password=key,
        authSource="local",
        serverSelectionTimeoutMS=5_000,
    )


def _ensure_replica_set(client: Client, host: str) -> None:
    """Makes this ``mongod`` the only member, at its present address. At another address it would find no primary.

    Raises:
        pymongo.errors.PyMongoError: it is still starting; try again.
    """
    config = client.local["system.replset"].find_one()
    if config is None:
        client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": host}]})
    elif config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def _ensure_user(client: Client, password: str, database: str) -> None:
    """The application's user owns its database and can do nothing else."""
    user: dict[str, Any] = {"pwd": password, "roles": [{"role": "dbOwner", "db": database}]}
    try:
        client.admin.command("updateUser", NAME, **user)
    except OperationFailure as error:
        if error.code != _USER_NOT_FOUND:
            raise
        client.admin.command("createUser", NAME, **user)
