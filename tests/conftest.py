"""What all tests share: a real MongoDB for each test process, and a clean database for each test."""

from __future__ import annotations

import importlib.util
import os
import secrets
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pymongo import MongoClient
from pymongo.database import Database

from tests.support.mongod import Mongod

KEPT = {"meta"}  # the schema version: collections stay between tests, with indexes and validators

# How long an example takes says nothing where other processes are busy.
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


@pytest.fixture(scope="session")
def mongod() -> Iterator[Mongod]:
    """One replica set of one for all tests of this process. Whoever stops it starts an own ``Mongod``."""
    with Mongod() as server:
        yield server


@pytest.fixture(scope="session")
def mongodb_uri(mongod: Mongod) -> str:
    return mongod.uri


@pytest.fixture(scope="session")
def mongo_client(mongodb_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with MongoClient[dict[str, Any]](mongodb_uri, tz_aware=True, serverSelectionTimeoutMS=10_000) as client:
        yield client


@pytest.fixture(scope="session")
def migrated_database(mongo_client: MongoClient[dict[str, Any]]) -> Database[dict[str, Any]]:
    """The database with collections, indexes and validators; made once, since that is what takes time."""
    database = mongo_client[f"chatapp_test_{os.getpid()}"]
    if importlib.util.find_spec("chatapp.database.migrations") is not None:
        from chatapp.database.migrations import upgrade

        upgrade(database)
    return database


@pytest.fixture
def database(migrated_database: Database[dict[str, Any]]) -> Database[dict[str, Any]]:
    """The migrated database without a document."""
    for name in migrated_database.list_collection_names(filter={"type": "collection"}):
        if name not in KEPT and not name.startswith("system."):
            migrated_database[name].delete_many({})
    return migrated_database


@pytest.fixture
def empty_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    """A database that has never been used, for tests of migrations."""
    name = f"chatapp_empty_{secrets.token_hex(6)}"
    yield mongo_client[name]
    mongo_client.drop_database(name)
