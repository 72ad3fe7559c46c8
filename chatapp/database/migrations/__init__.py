"""Brings a database to the schema of this version of the program.

Each migration is a module ``m<number>_<what>`` with a function ``migrate(database)``, listed in ``_MIGRATIONS``. It
changes data. One that a crash interrupts is run again from its start, so it must be safe to run twice. Collections,
validators and indexes are brought up to date after the last one: a version that changes only those has nothing to run.
"""

import time
from collections.abc import Callable
from typing import Any

from pymongo import timeout
from pymongo.database import Database

from chatapp.database.diagnosis import DatabaseUnusable, require_replica_set
from chatapp.database.lease import Lease, lease
from chatapp.database.migrations import m0002_shown_children, m0003_stored_bytes
from chatapp.database.schema import steps_to_current

Migration = Callable[[Database[dict[str, Any]]], None]


def _nothing_to_change(_database: Database[dict[str, Any]]) -> None:
    """What is stored stays as it is."""


_MIGRATIONS: tuple[Migration, ...] = (
    _nothing_to_change,  # the first schema
    m0002_shown_children.migrate,
    m0003_stored_bytes.migrate,
    _nothing_to_change,  # projects, colours of tags, what is unread: a conversation without the fields has none of them
    _nothing_to_change,  # search: a conversation without its marks is not indexed yet, and workers index it
)

SCHEMA_VERSION = len(_MIGRATIONS)

RESTORE_MARK = {"_id": "restore"}
"""Is in ``meta`` while a backup is being restored into the database."""

_TIME_LIMIT = 86_400
"""Seconds for a migration or an index build, instead of the time limit of a request."""

_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two looks at what another worker does."""


def upgrade(
    database: Database[dict[str, Any]],
    migrations: tuple[Migration, ...] = _MIGRATIONS,
    *,
    before_migrating: Callable[[], None] = lambda: None,
) -> int:
    """Runs the missing migrations, then corrects collections, validators and indexes. Returns the version.

    Several workers may call it at once: one does the work, however long it takes, and the others wait for it.
    ``before_migrating`` is called once before the data of an existing database is changed; if it raises, nothing is.

    Raises:
        DatabaseUnusable: the database is newer than the program, a backup is being restored into it, or MongoDB is a
            standalone server. Nothing was changed.
    """
    require_replica_set(database)
    pause = _FIRST_PAUSE
    while not _is_current(database, migrations):
        with lease(database, "migration_lock") as held, timeout(_TIME_LIMIT):
            if held is not None:
                _bring_up_to_date(database, migrations, held, before_migrating)
        if held is None:
            time.sleep(pause)
            pause = min(_LONGEST_PAUSE, pause * 1.5)
    return len(migrations)


def _is_current(database: Database[dict[str, Any]], migrations: tuple[Migration, ...]) -> bool:
    return _version(database, len(migrations)) == len(migrations) and not steps_to_current(database)


def _bring_up_to_date(
    database: Database[dict[str, Any]],
    migrations: tuple[Migration, ...],
    held: Lease,
    before_migrating: Callable[[], None],
) -> None:
    """Returns early if the lease was lost, for example while the machine slept: another worker has taken over."""
    found = _version(database, len(migrations))
    if 0 < found < len(migrations):
        before_migrating()
    for version in range(found, len(migrations)):
        migrations[version](database)
        if not held.renew():
            return
        _set_version(database, version + 1)
    for step in steps_to_current(database):
        step()


def _version(database: Database[dict[str, Any]], known: int) -> int:
    meta = {document["_id"]: document for document in database["meta"].find({"_id": {"$in": ["schema", "restore"]}})}
    if RESTORE_MARK["_id"] in meta:
        raise DatabaseUnusable(
            f"A backup is being restored into the database {database.name!r}. If nothing does that any more, drop the"
            " database and restore it again."
        )
    found = int(meta["schema"]["version"]) if "schema" in meta else 0
    if found > known:
        raise DatabaseUnusable(
            f"The database {database.name!r} has schema version {found}, but this version of the program knows only"
            f" {known}: start the newer version, or restore a backup."
        )
    return found


def _set_version(database: Database[dict[str, Any]], version: int) -> None:
    database["meta"].update_one({"_id": "schema"}, {"$set": {"version": version}}, upsert=True)
