"""A lock on the database that expires unless the process that holds it keeps renewing it."""

from __future__ import annotations

import logging
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError

LEASE_MS = 30_000
"""How long a lease lasts after its last renewal, in milliseconds of the server's clock."""

_RENEWALS = 6
"""How often it is renewed in that time, so that a few failed attempts do not lose it."""

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

log = logging.getLogger(__name__)


@contextmanager
def lease(database: Database[dict[str, Any]], name: str) -> Iterator[Lease | None]:
    """Yields the lease, or ``None`` if another process holds it. It is renewed for as long as the block runs."""
    owner = secrets.token_hex(8)
    taken = Lease(database["meta"], name, owner)
    if not taken.take():
        yield None
        return
    done = threading.Event()
    renewing = threading.Thread(target=taken.renew_until, args=(done,), name=f"lease {name}", daemon=True)
    renewing.start()
    try:
        yield taken
    finally:
        done.set()
        renewing.join()
        taken.release()


class Lease:
    """One process's hold on a lock, in one document of the collection ``meta``."""

    def __init__(self, meta: Collection[dict[str, Any]], name: str, owner: str) -> None:
        self._meta = meta
        self._name = name
        self._owner = owner

    def take(self) -> bool:
        """Takes it if it is free or expired. Returns whether it did."""
        with suppress(DuplicateKeyError):  # another process has just inserted it
            self._meta.update_one({"_id": self._name}, {"$setOnInsert": {"until": _LONG_AGO}}, upsert=True)
        expired = {"_id": self._name, "$expr": {"$lte": ["$until", "$$NOW"]}}
        return self._meta.update_one(expired, [{"$set": {"owner": self._owner, **_until()}}]).matched_count == 1

    def renew(self) -> bool:
        """Extends it. Returns False if it expired and another process has taken it."""
        mine = {"_id": self._name, "owner": self._owner}
        return self._meta.update_one(mine, [{"$set": _until()}]).matched_count == 1

    def release(self) -> None:
        """Frees it for others at once."""
        self._meta.update_one({"_id": self._name, "owner": self._owner}, {"$set": {"until": _LONG_AGO}})

    def renew_until(self, done: threading.Event) -> None:
        """Renews it regularly. Whether it was lost is asked by whoever relies on it."""
        while not done.wait(LEASE_MS / 1000 / _RENEWALS):
            try:
                self.renew()
            except PyMongoError as error:
                log.warning("the lease %s could not be renewed: %s", self._name, type(error).__name__)


def _until() -> dict[str, Any]:
    return {"until": {"$add": ["$$NOW", LEASE_MS]}}
