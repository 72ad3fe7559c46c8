"""The data directory: what lies where."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from chatapp.embedded.errors import StartError
from config.settings import EMBEDDED_URI


class DataFolder:
    """Everything that the embedded parts keep. Only the user who runs them can read it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.credentials = path / "embedded.json"
        self.lock = path / "run" / "lock"
        self.children = path / "run" / "children.json"
        self.metrics = path / "run" / "metrics"
        self.mongodb_uri = path / EMBEDDED_URI
        self.logs = path / "logs"
        self.mongod_data = path / "mongod"
        self.mongod_key = path / "mongod.key"

    def prepare(self) -> None:
        """Makes the folders that are missing.

        Raises:
            StartError: the directory cannot be written.
        """
        try:
            for folder in (self.path, self.path / "run", self.metrics, self.logs, self.mongod_data):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in (self.path / "run", self.logs, self.mongod_data):
                folder.chmod(0o700)
        except OSError as error:
            raise unusable(self.path, error) from error


def write_private(path: Path, text: str) -> None:
    """Replaces a file as a whole, or not at all; only its owner can read it."""
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
