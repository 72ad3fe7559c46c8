"""The connection to MongoDB."""

from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import PyMongoError

from config.mongodb_uri import DURABILITY, options_in, unreadable
from config.settings import Settings

OPTIONS: dict[str, Any] = {
    "appname": "chatapp",
    "timeoutMS": 25_000,  # for an operation including all its retries: it outlasts an election, docs/decisions/0088
    "connectTimeoutMS": 2_500,
    "uuidRepresentation": "standard",
    "maxPoolSize": 12,  # for each worker; figures in docs/decisions/0022
}


def connect(settings: Settings) -> Database[dict[str, Any]]:
    """The application's database, on a new client; times are returned in UTC, with their zone.

    Call it once in each worker, after the fork: processes cannot share a client. It connects when it is first used, so
    an unreachable MongoDB is not noticed here. Options in ``MONGODB_URI`` override the ones in this module; those that
    durability rests on cannot be overridden.

    Raises:
        SettingsError: ``MONGODB_URI`` cannot be read.
    """
    uri = settings.mongodb_uri
    # pymongo's own parser resolves mongodb+srv through DNS, and fails if DNS is unavailable for a moment.
    named = options_in(uri)
    options = {name: value for name, value in OPTIONS.items() if name.lower() not in named} | DURABILITY
    try:
        client: MongoClient[dict[str, Any]] = MongoClient(uri, tz_aware=True, connect=False, **options)
    except (PyMongoError, ValueError):
        raise unreadable() from None
    return client[settings.mongodb_db]
