"""How a worker starts: on a database that is new, away, or ahead of it."""

from __future__ import annotations

import secrets
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from chatapp.database.migrations import SCHEMA_VERSION
from tests.support.mongod import Mongod
from tests.support.processes import wait_until
from tests.support.server import ServerProcess


def test_a_mongodb_that_comes_later_is_waited_for() -> None:
    mongod = Mongod()
    try:
        with ServerProcess({"MONGODB_URI": mongod.uri}, workers=1, wait_for="/healthz") as server:
            away = httpx2.get(f"{server.base_url}/readyz", timeout=30)
            refused = httpx2.get(f"{server.base_url}/api/auth/me", timeout=30)
            assert (away.status_code, refused.status_code) == (503, 503)
            assert away.json()["reason"].startswith("MongoDB does not answer")
            assert refused.headers["Retry-After"]

            mongod.start()

            wait_until(lambda: httpx2.get(f"{server.base_url}/readyz", timeout=30).status_code == 200)
            body = {"email": "ada@example.org", "password": "correct horse"}
            assert httpx2.post(f"{server.base_url}/api/auth/register", json=body, timeout=30).status_code == 201
    finally:
        mongod.remove()


def test_a_database_of_a_later_version_stops_the_start_with_one_line(
    mongodb_uri: str, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    name = f"chatapp_later_{secrets.token_hex(4)}"
    mongo_client[name]["meta"].insert_one({"_id": "schema", "version": 1_000})

    with ExitStack() as ended:
        server = ServerProcess({"MONGODB_URI": mongodb_uri, "MONGODB_DB": name}, workers=6)
        ended.push(server)
        with pytest.raises(RuntimeError) as failed:
            server.start()

    assert f"has schema version 1000, but this version of the program knows only {SCHEMA_VERSION}" in str(failed.value)
    assert "Traceback" not in str(failed.value)
    assert mongo_client[name].list_collection_names() == ["meta"], "nothing was touched"
    mongo_client.drop_database(name)
