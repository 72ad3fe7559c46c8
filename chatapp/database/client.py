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
    "journal": True,  # ...and of a host's power
    "retryWrites": True,
    "retryReads": True,
    "timeoutMS": 5_000,  # for an operation with all its retries: an election takes less
    "serverSelectionTimeoutMS": 2_500,
    "connectTimeoutMS": 2_500,
    "uuidRepresentation": "standard",
    "maxPoolSize": 12,  # for each worker; figures in docs/decisions/
}


def connect(settings: Settings) -> Database[dict[str, Any]]:
    """The application's database, on a client of its own; times come back in UTC with their zone.

    Make it once in each worker, after the fork: a client cannot be shared by processes. It connects when it is first
    used, so a MongoDB that is away stops nothing here. What ``MONGODB_URI`` says about an option counts for more than
    what stands here.

    Raises:
        pymongo.errors.InvalidURI, ConfigurationError: ``MONGODB_URI`` cannot be read.
    """
    # Not by pymongo's own reader, which asks the DNS for mongodb+srv and fails where that is away for a moment.
    named = {name.lower() for name, _ in parse_qsl(urlsplit(settings.mongodb_uri).query)}
    options = {name: value for name, value in OPTIONS.items() if name.lower() not in named}
    client: MongoClient[dict[str, Any]] = MongoClient(settings.mongodb_uri, tz_aware=True, connect=False, **options)
    return client[settings.mongodb_db]
