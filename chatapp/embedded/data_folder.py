"""The data directory: which file is where, and the secrets that are kept in it."""

import errno
import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chatapp.embedded import StartError
from config.data_directory import EMBEDDED_URI, IDENTITY, identity_of, is_original


class DataFolder:
    """Everything that the embedded parts keep. Only the user who runs them can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.credentials = path / "embedded.json"
        self.run = path / "run"
        self.identity = path / IDENTITY
        self.lock = self.run / "lock"
        self.children = self.run / "children.json"
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
        """Deletes records about another directory, which this one is a copy of. Its processes are not ours to end.

        Call it while holding the lock.
        """
        if not is_original(self.path):
            for record in (self.children, self.mongodb_uri, self.socket_folder):
                record.unlink(missing_ok=True)
            write_private(self.identity, identity_of(self.path))


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
