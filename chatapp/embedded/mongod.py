"""MongoDB as a child process: a replica set of one on a Unix socket, with a password.

Nobody else on the machine can connect to it or take it over, not even for a moment: the folder of its socket is
private, and the exception that MongoDB makes for the first user on localhost is switched off. The setup signs in as
``__system``, the user that members of a replica set are to each other, whose password is the key file.

The socket is in the data directory, which only its owner can enter. Where MongoDB or its driver cannot use a path
there, it is in a private folder for temporary files, which the end of the application removes.
"""

import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote_plus

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from chatapp.embedded import StartError
from chatapp.embedded.child import Child, basic_environment
from chatapp.embedded.data_folder import Credentials, DataFolder, load_mongod_key, write_private
from chatapp.embedded.programs import explain_mongod, in_use
from config.data_directory import embedded_uri
from config.settings import Settings

Client = MongoClient[dict[str, Any]]

START_TIMEOUT = 120.0
"""Seconds until it must accept writes: enough to recover a lot of data after a crash."""

NAME = "chatapp"
"""The name of the replica set and of its only user."""

_SOCKET = "mongod.sock"

# MongoDB separates addresses by commas and ports by colons; pymongo turns the path into lower case.
_USABLE_PATH = re.compile(r"[a-z0-9/._-]+")

_USER_NOT_FOUND = 11
_POLL = 0.05

_OPTIONS = (
    "--quiet",
    f"--replSet={NAME}",
    "--networkMessageCompressors=disabled",  # decompression has leaked memory to strangers: CVE-2025-14847
    "--wiredTigerCacheSizeGB=0.5",
    "--oplogSize=1024",  # MB; the default is a twentieth of the disk
    "--slowms=86400000",  # slow operations are logged with their text, which is what people wrote
    "--setParameter=enableLocalhostAuthBypass=false",
    "--setParameter=diagnosticDataCollectionEnabled=false",
    "--setParameter=shutdownTimeoutMillisForSignaledShutdown=100",  # there is no other member to wait for
)


class EmbeddedMongod:
    """``start`` starts it, and after ``wait`` it can be used."""

    def __init__(
        self, folder: DataFolder, credentials: Credentials, database: str, pass_fds: Sequence[int] = ()
    ) -> None:
        self._folder = folder
        self._credentials = credentials
        self._database = database
        self._log = folder.logs / "mongod.log"
        self.socket = place_socket(folder)
        self.child = self._child(pass_fds)

    @property
    def uri(self) -> str:
        """What the application connects with. The password consists of characters that need no escaping."""
        host = quote_plus(str(self.socket))
        return f"mongodb://{NAME}:{self._credentials.mongod_password}@{host}/?replicaSet={NAME}&authSource=admin"

    def start(self) -> None:
        """Starts the process, which cannot be used before ``wait`` has returned.

        Raises:
            StartError: the program cannot be run, or another one runs on the same data.
        """
        load_mongod_key(self._folder.mongod_key)
        if _accepts(self.socket):
            raise StartError(in_use(self._folder.mongod_data))
        try:
            self.child.start()
        except OSError as error:
            raise StartError(
                f"{self._credentials.mongod_program} cannot be run ({error.strerror}). Set MONGODB_URI."
            ) from error

    def clean_up(self) -> None:
        """Call it when the process has ended."""
        remove_socket_folder(self._folder)

    def wait(self, pause: Callable[[], None]) -> None:
        """Returns when it accepts writes from the application's user. Until then it calls ``pause``, which may raise.

        Raises:
            StartError: it ended, or takes too long.
        """
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_usable():
            pause()
            if not self.child.is_running:
                raise StartError(self.failure())
            if time.monotonic() > deadline:
                raise StartError(f"mongod accepts no writes after {START_TIMEOUT:.0f} s. Its log is {self._log}.")
            time.sleep(_POLL)

    def failure(self) -> str:
        """Why it ended, as one line."""
        status = self.child.exit_status or 0
        return explain_mongod(status, self.child.output(), data=self._folder.mongod_data, log=self._log)

    def _is_usable(self) -> bool:
        """Takes the setup one step further, as far as possible at this moment."""
        if not self.child.is_running or not _accepts(self.socket):
            return False
        try:
            with _system_client(self.socket, load_mongod_key(self._folder.mongod_key)) as client:
                _ensure_replica_set(client, str(self.socket))
                if not client.admin.command("hello")["isWritablePrimary"]:
                    return False
                _ensure_user(client, self._credentials.mongod_password, self._database)
        except PyMongoError:  # it is still starting; if it never gets further, the reason is in its log
            return False
        return True

    def _child(self, pass_fds: Sequence[int]) -> Child:
        command = [self._credentials.mongod_program, *_OPTIONS]
        command += ["--dbpath", str(self._folder.mongod_data), "--keyFile", str(self._folder.mongod_key)]
        # It listens on this path and nowhere else: the second option is about another socket, in /tmp.
        command += ["--bind_ip", str(self.socket), "--nounixsocket"]
        env = basic_environment()
        return Child(command, env=env, log=self._log, pass_fds=pass_fds, on_parent_death=signal.SIGTERM)


@contextmanager
def embedded_administrator(settings: Settings) -> Iterator[Client | None]:
    """A connection with every right to the embedded MongoDB, if that is the one that the settings name."""
    if settings.mongodb_uri != embedded_uri(settings.data_dir):
        yield None
        return
    folder = DataFolder(settings.data_dir)
    host = settings.mongodb_uri.rpartition("@")[2].partition("/")[0]
    with _system_client(Path(unquote_plus(host)), load_mongod_key(folder.mongod_key)) as client:
        yield client


def _system_client(path: Path, key: str) -> Client:
    """A connection with every right, only for the setup. Close it."""
    return MongoClient(
        f"mongodb://{quote_plus(str(path))}/",
        directConnection=True,
        username="__system",
        password=key,
        authSource="local",
        serverSelectionTimeoutMS=5_000,
    )


def _ensure_replica_set(client: Client, host: str) -> None:
    """Makes this ``mongod`` the only member, with the path of its socket as the ``host``.

    The configuration names another host if the data directory was moved or copied, or was written by a version that
    used TCP. It then has to be replaced by force, because without this there is no primary.

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


def longest_path(platform: str) -> int:
    """Bytes that the path of a Unix socket may have; ``platform`` is ``sys.platform``."""
    return 107 if platform == "linux" else 103


def place_socket(folder: DataFolder) -> Path:
    """Chooses the path of the socket, and creates a private folder if it must be there."""
    remove_socket_folder(folder)
    preferred = folder.run / _SOCKET
    if _is_usable(preferred):
        return preferred
    private = Path(tempfile.mkdtemp(prefix="chatapp-", dir=_temporary_folder()))
    write_private(folder.socket_folder, str(private))
    return private / _SOCKET


def remove_socket_folder(folder: DataFolder) -> None:
    """Removes the private folder that this or an earlier run has created, if there is one."""
    try:
        private = Path(folder.socket_folder.read_text())
    except FileNotFoundError:
        return
    with suppress(OSError):
        (private / _SOCKET).unlink(missing_ok=True)
        private.rmdir()
    folder.socket_folder.unlink(missing_ok=True)


def _accepts(path: Path) -> bool:
    """Whether a process listens on the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


def _is_usable(path: Path) -> bool:
    text = str(path)
    return len(os.fsencode(text)) <= longest_path(sys.platform) and _USABLE_PATH.fullmatch(text) is not None


def _temporary_folder() -> str:
    """TMPDIR may itself be too long; on macOS it has upper-case letters."""
    folder = tempfile.gettempdir()
    return folder if _is_usable(Path(folder) / "chatapp-12345678" / _SOCKET) else "/tmp"  # noqa: S108 - mkdtemp is safe
