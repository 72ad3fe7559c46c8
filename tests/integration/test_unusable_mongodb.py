"""A MongoDB that cannot be used as it is says why: at the start, at /readyz and to commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import pytest
from pymongo import MongoClient

from tests.support.mongod import Mongod
from tests.support.processes import wait_until
from tests.support.server import ROOT, ServerProcess

STANDALONE = "replSet rs0 and run rs.initiate() once in mongosh: that makes it a replica set of one."
REFUSED = "MongoDB refuses the sign-in: the user or the password in MONGODB_URI is wrong."
NO_RIGHT = "The user in MONGODB_URI may not use the database 'chatapp': it needs the role dbOwner there."
NO_USER = "MongoDB asks for a sign-in: put a user and a password into MONGODB_URI."


@pytest.fixture(scope="module")
def standalone() -> Iterator[Mongod]:
    with Mongod(replica_set=False) as server:
        yield server


@pytest.fixture(scope="module")
def guarded() -> Iterator[Mongod]:
    """It asks for a sign-in."""
    users = {"owner": {"role": "dbOwner", "db": "chatapp"}, "reader": {"role": "read", "db": "chatapp"}}
    users["stranger"] = {"role": "dbOwner", "db": "other"}
    with Mongod(users=users) as server, MongoClient[Any](server.uri, username="owner", password="owner") as client:
        client["chatapp"]["meta"].insert_one({"_id": "schema", "version": 1})
        yield server


def command(uri: str) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    environ = {**os.environ, "SECRET_KEY": "only-for-tests", "MONGODB_URI": uri, "OPENAI_API_KEY": "none"}
    return subprocess.run(words, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("query", ["", "replicaSet=rs0", "directConnection=true"])
def test_a_standalone_server_is_refused_at_the_start_with_one_line(standalone: Mongod, query: str) -> None:
    with ExitStack() as ended:
        server = ServerProcess({"MONGODB_URI": standalone.uri_with(query=query)}, workers=2)
        ended.push(server)
        with pytest.raises(RuntimeError) as failed:
            server.start()

    log = str(failed.value)
    assert STANDALONE in log
    assert "Traceback" not in log
    with MongoClient[Any](standalone.uri_with()) as client:
        assert "chatapp" not in client.list_database_names(), "nothing was touched"


def test_a_standalone_server_is_told_to_commands_in_one_line(standalone: Mongod) -> None:
    done = command(standalone.uri_with())

    assert done.returncode == 1
    assert STANDALONE in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_replica_set_that_is_not_initiated_yet_is_waited_for() -> None:
    reason = "MongoDB waits for its replica set to be initiated: run rs.initiate() once in mongosh."
    with (
        Mongod(initiated=False) as mongod,
        ServerProcess({"MONGODB_URI": mongod.uri}, workers=1, wait_for="/healthz") as server,
    ):
        wait_until(lambda: reason in server.logs, what="the line in the log")
        assert httpx2.get(f"{server.base_url}/readyz", timeout=30).json()["reason"] == reason

        mongod.initiate()

        wait_until(lambda: httpx2.get(f"{server.base_url}/readyz", timeout=30).is_success, what="readiness")


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        ("owner:wrong@", REFUSED),
        ("nobody:nobody@", REFUSED),
        ("reader:reader@", NO_RIGHT),
        ("stranger:stranger@", NO_RIGHT),
        ("", NO_USER),
    ],
)
def test_who_may_not_use_the_database_is_told_so(guarded: Mongod, credentials: str, reason: str) -> None:
    uri = guarded.uri_with(credentials)
    with ServerProcess({"MONGODB_URI": uri}, workers=1, wait_for="/healthz") as server:
        wait_until(lambda: reason in server.logs, what="the line in the log")
        answer = httpx2.get(f"{server.base_url}/readyz", timeout=30)

        assert (answer.status_code, answer.json()["reason"]) == (503, reason)
        assert httpx2.get(f"{server.base_url}/api/auth/me", timeout=30).status_code == 503

    done = command(uri)
    assert (done.returncode, done.stderr) == (1, f"Error: {reason}\n")


def test_the_owner_of_the_database_needs_nothing_more(guarded: Mongod) -> None:
    with ServerProcess({"MONGODB_URI": guarded.uri_with("owner:owner@")}, workers=1) as server:
        body = {"email": "ada@example.org", "password": "correct horse"}
        assert httpx2.post(f"{server.base_url}/api/auth/register", json=body, timeout=30).status_code == 201
