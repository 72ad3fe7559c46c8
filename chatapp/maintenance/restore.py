"""Puts a backup into a database that is empty, which workers may already be connected to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import timeout
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.database.migrations import RESTORE_MARK, SCHEMA_VERSION, upgrade
from chatapp.failpoints import reach
from chatapp.maintenance.archive import ArchiveError, Batch, Header, read_archive, verify
from chatapp.maintenance.backup import LEFT_OUT, TIME_LIMIT, Progress
from chatapp.repositories.search_index import START_OVER

Document = dict[str, Any]

_RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


class Restore:
    """Restores one backup into one database."""

    def __init__(self, path: Path, database: Database[Document], progress: Progress) -> None:
        self._path = path
        self._database = database
        self._progress = progress
        self._running: list[RawBSONDocument] = []

    def run(self) -> int:
        """Reads the whole backup before it changes anything. Returns the number of documents restored.

        Raises:
            ArchiveError: the backup cannot be used, or the database is not empty. Nothing was changed.
        """
        with timeout(TIME_LIMIT):
            header, counts = verify(self._path)
            if header.schema > SCHEMA_VERSION:
                raise ArchiveError(
                    f"{self._path} was made by a newer version of the program. Restore it with that one."
                )
            self._check_empty()
            self._begin()
            self._insert(counts)
            self._end(header)
            upgrade(self._database)
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
        self._database["conversations"].update_many({}, START_OVER)  # the index is not in the backup
        meta = self._database["meta"]
        meta.update_one({"_id": "schema"}, {"$set": {"version": header.schema}}, upsert=True)
        meta.delete_one(RESTORE_MARK)

    def _insert(self, counts: Counter[str]) -> None:
        done: Counter[str] = Counter()
        for part in read_archive(self._path):
            if isinstance(part, Batch):
                reach(f"restore.{part.collection}")
                self._insert_batch(part.collection, bson.decode_all(part.raw, _RAW))
                done[part.collection] += part.count
                self._progress(part.collection, done[part.collection], counts[part.collection])
        self._store("generations", self._running)

    def _insert_batch(self, name: str, documents: Sequence[RawBSONDocument]) -> None:
        """What is stored of a running answer comes right before its conversation: without that, workers delete it."""
        if name == "generations":
            self._running += documents
            return
        if name == "conversations":
            ids = {document["_id"] for document in documents}
            self._store("generations", [answer for answer in self._running if answer["conversationId"] in ids])
            self._running = [answer for answer in self._running if answer["conversationId"] not in ids]
        self._store(name, documents)

    def _store(self, name: str, documents: Sequence[RawBSONDocument]) -> None:
        """Validators are of this version, documents perhaps of an earlier one, which is migrated afterwards."""
        if documents:
            raw = self._database.get_collection(name, codec_options=_RAW)
            raw.insert_many(documents, ordered=False, bypass_document_validation=True)
