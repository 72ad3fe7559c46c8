"""How often something may be tried: Flask-Limiter's counters, kept in MongoDB and shared by all workers.

Where MongoDB is away, a throttled operation answers 503 like any other: nothing is let through uncounted.
"""

from __future__ import annotations

import hashlib
import ipaddress
import math
import time
from typing import Any

from flask import Flask, current_app, request
from flask_limiter import Limiter
from limits import RateLimitItem, parse
from limits.storage import MongoDBStorage
from pymongo import MongoClient

from chatapp.api.problems import Throttled
from chatapp.container import Container

REGISTRATIONS = parse("60 per hour")
LOGINS = parse("120 per 5 minutes")
LOGIN_FAILURES = parse("10 per 5 minutes")
PASSWORD_FAILURES = parse("10 per 5 minutes")

EXTENSION = "chatapp.limiter"


class OwnClientStorage(MongoDBStorage):
    """Counters kept through the worker's own client: no second pool, the same TLS, credentials and timeouts."""

    STORAGE_SCHEME = ["chatapp"]  # noqa: RUF012

    def __init__(self, uri: str, *, client: MongoClient[dict[str, Any]], **options: Any) -> None:
        super().__init__(
            uri, counter_collection_name="limit_counters", window_collection_name="limit_windows", **options
        )
        self._client = client

    def __del__(self) -> None:
        """Leaves the client open: it is the worker's. The library's own storage would close it."""

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Counts ``amount`` more; False where the window is full.

        Two that count the first at the same moment both try to make the window, and the library takes the one that
        finds it made for one that finds it full. So whoever is refused tries once more.
        """
        first = super().acquire_entry(key, limit, expiry, amount)
        return first or super().acquire_entry(key, limit, expiry, amount)

    def _init_mongo_client(self, uri: str | None, **options: Any) -> MongoClient[dict[str, Any]]:  # noqa: ARG002
        return self._client


def register(app: Flask, parts: Container) -> None:
    """The limiter of ``app``; it is off where the settings say so."""
    limiter = Limiter(
        caller_address,
        storage_uri="chatapp://",
        storage_options={"client": parts.database.client, "database_name": parts.database.name},  # type: ignore[dict-item]
        strategy="moving-window",
        enabled=parts.settings.rate_limits,
    )
    # Views count by themselves, with what they have read. A limiter that the application knows already adds no hooks,
    # which would cost every request a tenth of a millisecond.
    app.extensions["limiter"] = {limiter}
    limiter.init_app(app)
    app.extensions[EXTENSION] = limiter


def count(limit: RateLimitItem, what: str, who: str) -> None:
    """Counts one more ``what`` by ``who`` (an address, or an e-mail: only its hash is kept).

    Raises:
        Throttled: ``limit`` is used up; ``retry_after`` says for how long.
    """
    limiter: Limiter = current_app.extensions[EXTENSION]
    if not limiter.enabled:
        return
    identifiers = (what, _hashed(who))
    if limiter.limiter.hit(limit, *identifiers):
        return
    window = limiter.limiter.get_window_stats(limit, *identifiers)
    raise Throttled(retry_after=max(1, math.ceil(window.reset_time - time.time())))


def forgive(limit: RateLimitItem, what: str, who: str) -> None:
    """Forgets what was counted: it was not a failure after all."""
    limiter: Limiter = current_app.extensions[EXTENSION]
    if limiter.enabled:
        limiter.limiter.clear(limit, what, _hashed(who))


def caller_address() -> str:
    """The caller's address; in IPv6 the network of 64 bits that one subscriber has to himself."""
    address = request.remote_addr or "unknown"
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket file's peer
    if parsed.version == 4:
        return address
    if parsed.ipv4_mapped:  # IPv4, as a socket that takes both says it
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _hashed(who: str) -> str:
    return hashlib.sha256(who.encode()).hexdigest()
