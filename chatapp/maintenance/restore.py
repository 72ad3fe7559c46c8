"""Puts a backup into a database that is empty, which workers may already be connected to."""

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NoReturn

from bson.raw_bson import RawBSONDocument
from pymongo import DeleteMany, DeleteOne, timeout
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, OperationFailure

from chatapp.database.diagnosis import reason_for
from chatapp.database.migrations import RESTORE_MARK, SCHEMA_VERSION, upgrade
from chatapp.failpoints import reach
from chatapp.maintenance import TIME_LIMIT
from chatapp.maintenance.archive import LEFT_OUT, RAW, ArchiveError, Batch, Header, read_archive, verify
from chatapp.maintenance.backup import Progress
from chatapp.maintenance.shapes import misshapen
from chatapp.repositories.search_index import START_OVER

Document = dict[str, Any]

_AT_ONCE = 1_000
"""Documents. A batch may hold a million small ones."""

_WAITING = "restored_generations"
"""What is stored of a running answer waits here for its conversation: without that, workers delete it."""


class Restore:
    """Restores one backup into one database."""

    def __init__(self, path: Path, database: Database[Document], progress: Progress) -> None:
        self._path = path
        self._database = database
        self._progress = progress

    def run(self) -> int:
        """Reads the whole backup before it changes anything. Returns the number of documents restored.

        Raises:
            ArchiveError: the backup cannot be used, or the database is not empty. What is stored is as it was.
        """
        with timeout(TIME_LIMIT):
            header, counts = verify(self._path)
            if header.schema > SCHEMA_VERSION:
                raise ArchiveError(
                    f"{self._path} was made by a newer version of the program. Restore it with that one."
                )
            self._check_empty()
            self._begin()
            try:
                self._insert(counts)
                self._end(header)
            except OperationFailure as error:
                self._take_back(reason_for(error, self._database))
            except (LookupError, TypeError, ValueError, AttributeError) as error:
                self._take_back(f"a migration does not understand it ({type(error).__name__}).")
            for name, _ in misshapen(self._database):
                self._take_back(f"a document of {name} is not as the application stores it.")
        return counts.total()

    def _check_empty(self) -> None:
        for name in self._database.list_collection_names(filter={"type": "collection"}):
            if name in LEFT_OUT or name.startswith("system."):
                continue
            if self._database[name].find_one({}, {"_id": 1}) is not None:
                raise ArchiveError(
                    f"The database {self._database.name!r} is not empty. Restore into another one (--into), or drop it."
                )

    def _begin(self) -> None:
        """Until the end no worker starts on this database."""
        try:
            self._database["meta"].insert_one(RESTORE_MARK)
        except DuplicateKeyError:
            raise ArchiveError(
                f"Another restore into {self._database.name!r} is running, or was interrupted. Drop the database."
            ) from None

    def _end(self, header: Header) -> None:
        self._database[_WAITING].drop()
        self._database["conversations"].update_many({}, START_OVER)  # the index is not in the backup
        meta = self._database["meta"]
        meta.update_one({"_id": "schema"}, {"$set": {"version": header.schema}}, upsert=True)
        meta.delete_one(RESTORE_MARK)
        upgrade(self._database)

    def _insert(self, counts: Counter[str]) -> None:
        done: Counter[str] = Counter()
        for name, documents in self._documents():
            reach(f"restore.{name}")
            if name == "conversations":
                own = {"conversationId": {"$in": [document["_id"] for document in documents]}}
                steps: list[Document] = [{"$match": own}, {"$merge": "generations"}]
                self._database[_WAITING].aggregate(steps, bypassDocumentValidation=True)
            # Validators are of this version, documents perhaps of an earlier one, which is migrated afterwards.
            self._database.get_collection(_WAITING if name == "generations" else name, codec_options=RAW).insert_many(
                documents, ordered=False, bypass_document_validation=True
            )
            done[name] += len(documents)
            self._progress(name, done[name], counts[name])

    def _documents(self) -> Iterator[tuple[str, list[RawBSONDocument]]]:
        """All of the backup: the name of a collection with some of its documents."""
        for part in read_archive(self._path):
            if isinstance(part, Batch):
                documents = part.documents()
                while some := list(islice(documents, _AT_ONCE)):
                    yield part.collection, some

    def _take_back(self, reason: str) -> NoReturn:
        """Removes what was restored, and nothing that somebody has stored meanwhile."""
        meta = self._database["meta"]
        meta.replace_one(RESTORE_MARK, RESTORE_MARK, upsert=True)
        self._database[_WAITING].drop()
        for name, documents in self._documents():
            own = [{"$eq": document["_id"]} for document in documents]
            self._database[name].bulk_write([DeleteOne({"_id": id_}) for id_ in own])
            if name == "conversations":  # workers may have begun to index them
                self._database["search_entries"].bulk_write([DeleteMany({"conversationId": id_}) for id_ in own])
        meta.delete_one(RESTORE_MARK)
        upgrade(self._database)
        raise ArchiveError(f"{self._path} cannot be restored: {reason} What was restored of it is removed again.")
