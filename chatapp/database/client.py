"""The connection to MongoDB."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from pymongo import MongoClient
from pymongo.database import Database

from config.settings import Settings

OPTIONS: dict[str, Any] = {
    "appname": "chatapp",
    "w": "majority",  # an acknowledged write survives the loss of the primary...
    "journal": True,  # ...and a power failure
    "retryWrites": True,
    "retryReads": True,
    "timeoutMS": 5_000,  # for an operation including all its retries
    "serverSelectionTimeoutMS": 2_500,
    "connectTimeoutMS": 2_500,
    "uuidRepresentation": "standard",
    "maxPoolSize": 12,  # for each worker; figures in docs/decisions/0022
}


def connect(settings: Settings) -> Database[dict[str, Any]]:
    """The application's database, on a new client; times are returned in UTC, with their zone.

    Call it once in each worker, after the fork: processes cannot share a client. It connects when it is first used, so
    an unreachable MongoDB is not noticed here. Options in ``MONGODB_URI`` override the ones in this module.

    Raises:
        pymongo.errors.InvalidURI, ConfigurationError: ``MONGODB_URI`` cannot be read.
    """
    # pymongo's own parser resolves mongodb+srv through DNS, and fails if DNS is unavailable for a moment.
    named = {name.lower() for name, _ in parse_qsl(urlsplit(settings.mongodb_uri).query)}
    options = {name: value for name, value in OPTIONS.items() if name.lower() not in named}
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri, tz_aware=True, connect=False, **options)
    return client[settings.mongodb_db]
