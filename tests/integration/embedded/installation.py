"""A data folder and its MongoDB."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from chatapp.embedded.data_folder import Credentials, DataFolder, load_credentials
from chatapp.embedded.mongod import EmbeddedMongod
from tests.support.mongod import mongod_binary
from tests.support.processes import wait_until

Client = MongoClient[dict[str, Any]]


DATABASE = "chatapp"


class Installation:
    """A data folder and the MongoDB that runs on it, which can be started more than once."""

    def __init__(self, path: Path) -> None:
        self.folder = DataFolder(path)
        self.folder.prepare()
        self.mongod: EmbeddedMongod | None = None

    @property
    def credentials(self) -> Credentials:
        credentials = load_credentials(self.folder.credentials)
        credentials.mongod_program = mongod_binary()
        return credentials

    def create(self) -> EmbeddedMongod:
        self.mongod = EmbeddedMongod(self.folder, self.credentials, DATABASE)
        return self.mongod

    def start(self) -> EmbeddedMongod:
        mongod = self.create()
        mongod.start()
        mongod.wait(lambda: None)
        return mongod

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        if self.mongod is not None:
            child = self.mongod.child
            child.end(number)
            wait_until(lambda: not child.is_running)


def client_of(installation: Installation) -> Client:
    assert installation.mongod is not None
    return Client(installation.mongod.uri, serverSelectionTimeoutMS=10_000)


def start_and_wait(mongod: EmbeddedMongod) -> None:
    try:
        mongod.start()
        mongod.wait(lambda: None)
    finally:
        mongod.child.kill()
