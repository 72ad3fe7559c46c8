"""What the embedded parts ask for before they answer, made at the first start and kept."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chatapp.embedded.errors import StartError
from chatapp.embedded.folder import write_private
from chatapp.embedded.ports import free_port


@dataclass(slots=True)
class Credentials:
    """What is kept between two starts.

    ``mongod_port`` changes when another program takes the port. ``mongod_program`` is the one that has written the
    data, which another version may not be able to read.
    """

    mongod_port: int
    mongod_password: str = field(repr=False)
    model_key: str = field(repr=False)
    mongod_program: str = ""


def load_credentials(path: Path) -> Credentials:
    """Those in ``path``, or new ones that are written there.

    Raises:
        StartError: the file is there and cannot be read.
    """
    try:
        return Credentials(**json.loads(path.read_text()))
    except FileNotFoundError:
        credentials = Credentials(free_port(), secrets.token_urlsafe(32), secrets.token_urlsafe(32))
        save_credentials(path, credentials)
        return credentials
    except (ValueError, TypeError) as error:
        raise StartError(f"{path} is damaged. Delete it: the next start makes a new one and loses nothing.") from error


def save_credentials(path: Path, credentials: Credentials) -> None:
    write_private(path, json.dumps(asdict(credentials), indent=2))


def load_mongod_key(path: Path) -> str:
    """The secret by which members of a replica set know each other; MongoDB reads it from ``path`` itself."""
    try:
        return path.read_text()
    except FileNotFoundError:
        write_private(path, secrets.token_hex(64))
        return path.read_text()
