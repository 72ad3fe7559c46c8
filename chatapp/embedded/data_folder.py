"""The data directory: which file is where, who runs on it, and the secrets that are kept in it."""

import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO

from chatapp.embedded import StartError
from config.data_directory import EMBEDDED_URI, IDENTITY, identity_of, is_original

SHUTDOWN_TIMEOUT = 35.0
"""Seconds that a start waits for an application that is shutting down, which takes at most 30 s."""


class DataFolder:
    """Everything that the embedded parts keep. Only the user who runs them can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.credentials = path / "embedded.json"
        self.run = path / "run"
        self.identity = path / IDENTITY
        self.lock = self.run / "lock"
        self.children_lock = self.run / "children.lock"
        self.socket_folder = self.run / "socket_folder"
        self.mongodb_uri = path / EMBEDDED_URI
        self.logs = path / "logs"
        self.mongod_data = path / "mongod"
        self.mongod_key = path / "mongod.key"

    def prepare(self) -> None:
        """Creates the folders that are missing.

        Raises:
            StartError: the directory cannot be written to.
        """
        try:
            for folder in (self.path, self.run, self.logs, self.mongod_data):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.run, self.logs, self.mongod_data):
                folder.chmod(0o700)
        except OSError as error:
            raise unusable(self.path, error) from error

    def disown_copies(self) -> None:
        """Deletes records about another directory, which this one is a copy of. What they name is not ours.

        Call it while holding the lock.
        """
        if not is_original(self.path):
            for record in (self.mongodb_uri, self.socket_folder):
                record.unlink(missing_ok=True)
            write_private(self.identity, identity_of(self.path))


class RunLock:
    """The kernel holds it until this process ends, for whatever reason. The file says who has it.

    ``for_children`` is a descriptor to pass on to every child: the next start waits until the last of them has ended.
    """

    def __init__(self, file: TextIO, for_children: int) -> None:
        self.for_children = for_children
        self._file = file
        self._holder: dict[str, Any] = {"pid": os.getpid(), "url": "", "ending": False}
        self._write()

    def set_url(self, url: str) -> None:
        """``url`` is where somebody who tries to start a second application can open the first one."""
        self._holder["url"] = url
        self._write()

    def announce_shutdown(self) -> None:
        """From now on another start waits instead of giving up."""
        self._holder["ending"] = True
        self._write()

    def _write(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        json.dump(self._holder, self._file)
        self._file.flush()


@contextmanager
def run_lock(folder: DataFolder, pause: Callable[[], None]) -> Iterator[RunLock]:
    """Prevents a second start on ``folder``. While it waits for the end of an earlier run it calls ``pause``.

    Children end by themselves with the process that started them, but MongoDB may take a moment for it.

    Raises:
        StartError: the application is already running, or something that it started does not end.
    """
    with _opened(folder.lock) as file, _opened(folder.children_lock) as children:
        _acquire(file, pause, lambda: _holder(file).get("ending"), lambda: _already_running(folder.path, _holder(file)))
        lock = RunLock(file, children.fileno())
        _acquire(children, pause, lambda: True, lambda: _still_ending(folder.path))
        yield lock


def _opened(path: Path) -> TextIO:
    return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


def _acquire(
    file: TextIO, pause: Callable[[], None], is_ending: Callable[[], bool | None], refusal: Callable[[], str]
) -> None:
    deadline = time.monotonic() + SHUTDOWN_TIMEOUT
    while not _try_lock(file):
        if not is_ending() or time.monotonic() > deadline:
            raise StartError(refusal())
        pause()
        time.sleep(0.1)


def _try_lock(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(file: TextIO) -> dict[str, Any]:
    """Empty if the holder is just about to write who it is."""
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
        f"It is already running{where}{who}, on the data in {data}. "
        "Stop it first, or set CHATAPP_DATA_DIR to another folder."
    )


def _still_ending(data: Path) -> str:
    return f"A process of an earlier run on {data} does not end. Kill it, or set CHATAPP_DATA_DIR to another folder."


@dataclass(slots=True)
class Credentials:
    """What one start leaves for the next.

    ``mongod_program`` is the program that wrote the data, which a different version may not be able to read.
    """

    mongod_password: str = field(repr=False)
    model_key: str = field(repr=False)
    mongod_program: str = ""


def load_credentials(path: Path) -> Credentials:
    """Reads the credentials from ``path``, or creates them there.

    Raises:
        StartError: the file exists but cannot be read.
    """
    try:
        kept = json.loads(path.read_text())
        kept.pop("mongod_port", None)  # an earlier version kept it
        return Credentials(**kept)
    except FileNotFoundError:
        credentials = Credentials(secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        save_credentials(path, credentials)
        return credentials
    except (ValueError, TypeError, AttributeError) as error:
        raise StartError(f"{path} is damaged. Delete it: the next start makes a new one and loses nothing.") from error


def save_credentials(path: Path, credentials: Credentials) -> None:
    write_private(path, json.dumps(asdict(credentials), indent=2))


def load_mongod_key(path: Path) -> str:
    """The secret that members of the replica set share. MongoDB itself reads it from ``path``."""
    try:
        return path.read_text()
    except FileNotFoundError:
        write_private(path, secrets.token_hex(64))
        return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Replaces the whole file or leaves it as it is; only its owner can read it."""
    new = path.with_name(path.name + ".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def unusable(path: Path, error: OSError) -> StartError:
    """What an error of the file system means for the data directory ``path``."""
    if error.errno == errno.ENOSPC:
        return StartError(f"The disk that holds {path} is full. Make room, or set CHATAPP_DATA_DIR to another folder.")
    return StartError(f"The folder {path} cannot be used ({error.strerror}). Set CHATAPP_DATA_DIR to another folder.")
