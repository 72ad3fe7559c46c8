"""A backup that takes longer than MongoDB keeps old versions, and one at a time because of that."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from chatapp.database.migrations import upgrade
from chatapp.failpoints import armed
from chatapp.maintenance.archive import ArchiveError
from chatapp.maintenance.backup import back_up_to
from tests.integration.maintenance.contents import quiet
from tests.support.history import Book, open_book
from tests.support.mongod import Mongod


def test_one_backup_at_a_time(book: Book, tmp_path: Path) -> None:
    """The second would shorten the history that the first reads."""
    histories: list[int] = []

    def another() -> None:
        with pytest.raises(ArchiveError, match="Another backup is being made"):
            back_up_to(tmp_path / "second.gz", book.database, quiet)
        histories.append(set_history(book.database.client, 86_400))

    with armed("backup.users", another):
        back_up_to(tmp_path / "first.gz", book.database, quiet)
    back_up_to(tmp_path / "second.gz", book.database, quiet)

    assert histories == [86_400]
    assert set_history(book.database.client, 300) == 300


@pytest.fixture(scope="module")
def guarded() -> Iterator[Mongod]:
    """The user ``owner`` owns the application's database; ``root`` may change parameters, too."""
    users = {"owner": {"role": "dbOwner", "db": "chatapp"}, "root": {"role": "root", "db": "admin"}}
    with Mongod(users=users) as mongod:
        yield mongod


def set_history(client: MongoClient[dict[str, Any]], seconds: int) -> int:
    """How far MongoDB reads back in time. Returns how far it did before."""
    return int(client.admin.command({"setParameter": 1, "minSnapshotHistoryWindowInSeconds": seconds})["was"])


@pytest.mark.parametrize("user", ["owner", "root"])
def test_a_backup_that_takes_longer_than_the_history_says_so_or_extends_it(
    guarded: Mongod, tmp_path: Path, user: str
) -> None:
    def connect(name: str) -> MongoClient[dict[str, Any]]:
        return MongoClient(guarded.uri_with(f"{name}:{name}@", "replicaSet=rs0&authSource=admin"), tz_aware=True)

    path = tmp_path / "chatapp.gz"
    with connect(user) as client, connect("root") as root:
        set_history(root, 1)
        upgrade(client["chatapp"])
        book = open_book(client["chatapp"])

        def take_long() -> None:
            """Old versions go when something newer was written, and then with a checkpoint."""
            deadline = time.monotonic() + 4
            while time.monotonic() < deadline:
                book.say("x" * 10_000)
            root.admin.command("fsync")

        with armed("backup.conversations", take_long):
            if user == "owner":
                with pytest.raises(ArchiveError, match="minSnapshotHistoryWindowInSeconds: 86400"):
                    back_up_to(path, client["chatapp"], quiet)
            else:
                back_up_to(path, client["chatapp"], quiet)

        assert set_history(root, 300) == 1, "as it was before"
    assert path.exists() == (user == "root")
