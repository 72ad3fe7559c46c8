"""How far back in time MongoDB can read."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

PARAMETER = "minSnapshotHistoryWindowInSeconds"

_USUAL = 300
_LONG = 86_400
"""Seconds. MongoDB keeps old versions of what changes for so long, on disk, as long as this is set."""


@contextmanager
def longer_history(client: MongoClient[dict[str, Any]]) -> Iterator[None]:
    """Lets reads of one moment take longer than five minutes, if ``client`` may change that. Call it once at a time."""
    try:
        before = _set(client, _LONG)
    except OperationFailure:  # not allowed, or MongoDB does not know it
        yield
        return
    try:
        yield
    finally:
        with suppress(PyMongoError):
            # If it was as long already, then because an earlier process was killed at this point.
            _set(client, before if before < _LONG else _USUAL)


def _set(client: MongoClient[dict[str, Any]], seconds: int) -> int:
    """Returns what it was before."""
    return int(client.admin.command({"setParameter": 1, PARAMETER: seconds})["was"])
