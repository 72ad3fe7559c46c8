"""Writes everything that is stored into one file, as it was at one moment, while the application is used."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, cast

from pymongo import MongoClient, timeout
from pymongo.client_session import ClientSession
from pymongo.database import Database
from pymongo.errors import OperationFailure

from chatapp.clock import utc_now
from chatapp.database.lease import lease
from chatapp.failpoints import reach
from chatapp.maintenance import TIME_LIMIT
from chatapp.maintenance.archive import LEFT_OUT, ArchiveError, ArchiveWriter, Batch, Header
from chatapp.maintenance.history_window import PARAMETER, longer_history

Document = dict[str, Any]
Progress = Callable[[str, int, int], None]
"""Hears the collection, how many of its documents are done, and about how many it has; both are equal at its end."""

_LAST = ("message_pages", "conversations", "chat_sessions", "sign_ins", "users")
"""In this order, after the others. Restored in the same order, nothing of it can be used before it is complete."""

_SNAPSHOT_TOO_OLD = 239
_SNAPSHOT_UNAVAILABLE = 246
_ATTEMPTS = 20
_PAUSE = 0.5


def back_up_to(
    path: Path, database: Database[Document], progress: Progress, *, administrator: MongoClient[Document] | None = None
) -> int:
    """Makes a backup in a new file that only its owner may read. Returns the number of documents.

    ``administrator`` is a client that may change MongoDB's parameters, if the database's own may not.

    Raises:
        ArchiveError: the file exists or cannot be written, or the backup took too long.
    """
    if path.exists():
        raise ArchiveError(f"{path} exists already.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            count = back_up(file, database, progress, administrator=administrator)
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
    except OSError as error:
        raise ArchiveError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        with suppress(FileNotFoundError):
            unfinished.unlink()
    return count


def back_up(
    file: BinaryIO,
    database: Database[Document],
    progress: Progress,
    *,
    administrator: MongoClient[Document] | None = None,
) -> int:
    """Writes a backup into an open file. Returns the number of documents.

    Raises:
        ArchiveError: another backup is running, or this one took too long.
    """
    with lease(database, "backup") as held:
        if held is None:
            raise ArchiveError("Another backup is being made of this database.")
        with timeout(TIME_LIMIT), longer_history(administrator or database.client):
            try:
                return _write(file, database, progress)
            except OperationFailure as error:
                raise _too_long(error) from error


def _write(file: BinaryIO, database: Database[Document], progress: Progress) -> int:
    names = _collections(database)
    with _snapshot(database, names) as session:
        schema = database["meta"].find_one({"_id": "schema"}, session=session)
        writer = ArchiveWriter(file, Header(schema["version"] if schema else 0, utc_now()))
        for name in names:
            reach(f"backup.{name}")
            total = database[name].estimated_document_count()
            for raw in database[name].find_raw_batches({}, session=session):
                writer.add(Batch(name, cast(bytes, raw)))  # pymongo annotates it as a document
                progress(name, writer.counts[name], max(total, writer.counts[name] + 1))
            if writer.counts[name]:
                progress(name, writer.counts[name], writer.counts[name])
        writer.close()
    return writer.counts.total()


def _collections(database: Database[Document]) -> list[str]:
    stored = set(database.list_collection_names(filter={"type": "collection"})) - LEFT_OUT
    others = sorted(name for name in stored - set(_LAST) if not name.startswith("system."))
    return [*others, *(name for name in _LAST if name in stored)]


def _snapshot(database: Database[Document], names: list[str]) -> ClientSession:
    """A session whose reads are all of one moment. A definition that has just changed is waited for."""
    for attempt in range(_ATTEMPTS):
        session = database.client.start_session(snapshot=True)
        try:
            for name in names:
                database[name].find_one({}, {"_id": 1}, session=session)
        except OperationFailure as error:
            session.end_session()
            if error.code != _SNAPSHOT_UNAVAILABLE or attempt + 1 == _ATTEMPTS:
                raise
            time.sleep(_PAUSE)
        else:
            return session
    raise AssertionError("unreachable")


def _too_long(error: OperationFailure) -> Exception:
    if error.code == _SNAPSHOT_TOO_OLD:
        return ArchiveError(
            "The backup took longer than MongoDB can read back in time. Its administrator can extend that with"
            f" db.adminCommand({{setParameter: 1, {PARAMETER}: 86400}})."
        )
    if error.code == _SNAPSHOT_UNAVAILABLE:
        return ArchiveError("The definition of an index or a collection changed meanwhile. Make the backup again.")
    return error
