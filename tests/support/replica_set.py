"""Three real MongoDBs for tests: a replica set whose primary a test may kill or freeze, so that another is elected."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

from pymongo import MongoClient

from tests.support.mongod import Mongod
from tests.support.processes import wait_until

MEMBERS = 3
_ALL_THERE_WITHIN = 60.0


class ReplicaSet:
    """Members on Unix sockets; the time limit of an election is MongoDB's default of ten seconds."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="chatapp-rs-"))
        self.members = [Mongod(self._folder / str(number), initiated=False) for number in range(MEMBERS)]

    @property
    def uri(self) -> str:
        return f"mongodb://{','.join(quote_plus(member.address) for member in self.members)}/?replicaSet=rs0"

    def start(self) -> None:
        """Returns when the primary takes writes and the others hold its data."""
        for member in self.members:
            member.start()
        for member in self.members:
            member.wait_until_it_answers()
        self.members[0].initiate([member.address for member in self.members])
        self.wait_for_all()

    def primary(self) -> Mongod:
        """The member that takes writes, as soon as there is one."""
        with self._client() as client:
            client.admin.command("ping")
            address = client.address
        return next(member for member in self.members if address is not None and member.address == address[0])

    def wait_for_all(self) -> None:
        """Returns when one member is the primary and the others follow it."""
        with self._client() as client:
            wait_until(lambda: _states(client) == [1, 2, 2], _ALL_THERE_WITHIN, what="a primary and two secondaries")

    def remove(self) -> None:
        for member in self.members:
            member.remove()
        shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> ReplicaSet:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _client(self) -> MongoClient[dict[str, Any]]:
        return MongoClient(self.uri, serverSelectionTimeoutMS=60_000)


def _states(client: MongoClient[dict[str, Any]]) -> list[int]:
    return sorted(member["state"] for member in client.admin.command("replSetGetStatus")["members"])
