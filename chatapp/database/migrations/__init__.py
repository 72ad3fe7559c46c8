"""Brings a database to the schema of this version of the program.

Each migration is a module ``m<number>_<what>`` with a function ``migrate(database)``, listed in ``_MIGRATIONS``. It
changes data, or drops what ``apply_schema`` cannot replace. One that a crash interrupts is run again from its start, so
it must be safe to run twice.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from pymongo import timeout
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.database.migrations import m0001_first_schema
from chatapp.database.schema import apply_schema

Migration = Callable[[Database[dict[str, Any]]], None]

_MIGRATIONS: tuple[Migration, ...] = (m0001_first_schema.migrate,)

_TIME_LIMIT = 86_400
"""Seconds for a migration or an index build, instead of the time limit of a request."""

_LOCK_MS = 30_000
_POLL = 0.1
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class SchemaTooNew(Exception):
    """A newer version of the program has changed the database. The message is one line for the operator."""

    def __init__(self, name: str, found: int, known: int) -> None:
        super().__init__(
            f"The database {name!r} has schema version {found}, but this version of the program knows only"
            f" {known}: start the newer version, or restore a backup."
        )


def upgrade(database: Database[dict[str, Any]], migrations: tuple[Migration, ...] = _MIGRATIONS) -> int:
    """Runs the missing migrations, then creates missing collections, validators and indexes. Returns the version.

    Several workers may call it at once: one runs the migrations, the others wait for it.

    Raises:
        SchemaTooNew: the database is newer than the program; nothing was changed.
    """
    version = _version(database, len(migrations))
    while version < len(migrations):
        with _lock(database) as held:
            version = _version(database, len(migrations))
            if held and version < len(migrations):
                with timeout(_TIME_LIMIT):
                    migrations[version](database)
                _set_version(database, version + 1)
                version += 1
        if not held:
            time.sleep(_POLL)
    with timeout(_TIME_LIMIT):
        apply_schema(database)
    return version


def _version(database: Database[dict[str, Any]], known: int) -> int:
    document = database["meta"].find_one({"_id": "schema"})
    found = int(document["version"]) if document is not None else 0
    if found > known:
        raise SchemaTooNew(database.name, found, known)
    return found


def _set_version(database: Database[dict[str, Any]], version: int) -> None:
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": version}}, upsert=True)


@contextmanager
def _lock(database: Database[dict[str, Any]]) -> Iterator[bool]:
    """Yields whether this process may migrate. The lock of a dead process expires by the server's clock."""
    owner = secrets.token_hex(8)
    meta, lock = database["meta"], {"_id": "migration_lock"}
    with suppress(DuplicateKeyError):  # another worker has just inserted it
        meta.update_one(lock, {"$setOnInsert": {"until": _LONG_AGO}}, upsert=True)
    take = [{"$set": {"owner": owner, "until": {"$add": ["$$NOW", _LOCK_MS]}}}]
    if not meta.update_one({**lock, "$expr": {"$lte": ["$until", "$$NOW"]}}, take).matched_count:
        yield False
        return
    try:
        yield True
    finally:
        meta.update_one({**lock, "owner": owner}, {"$set": {"until": _LONG_AGO}})
