"""Makes a ``mongod`` that asks for credentials from the first moment usable: a replica set of one, and a user.

There is never a moment in which somebody else on the machine could take it over: the exception that MongoDB makes for
the first user on localhost is switched off, and the set-up signs in as ``__system``, the user that members of a replica
set are to each other, whose password is the key file.
"""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure

from chatapp.embedded.ports import LOOPBACK

NAME = "chatapp"
"""Of the replica set and of its one user."""

_USER_NOT_FOUND = 11


def system_client(port: int, key: str) -> MongoClient[dict[str, Any]]:
    """A connection with every right, for the set-up alone; close it."""
    return MongoClient(
        LOOPBACK,
        port,
        directConnection=True,
        username="__system",
        password=key,
        authSource="local",
        serverSelectionTimeoutMS=5_000,
    )


def ensure_replica_set(client: MongoClient[dict[str, Any]], port: int) -> None:
    """Makes it the only member, under its present address: after a change of the port it would have no primary.

    Raises:
        pymongo.errors.PyMongoError: it is not far enough in its start; try again.
    """
    host = f"{LOOPBACK}:{port}"
    config = client.local["system.replset"].find_one()
    if config is None:
        client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": host}]})
    elif config["members"][0]["host"] != host:
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)


def is_writable(client: MongoClient[dict[str, Any]]) -> bool:
    return bool(client.admin.command("hello")["isWritablePrimary"])


def ensure_user(client: MongoClient[dict[str, Any]], password: str, database: str) -> None:
    """The application's user: it owns its one database and can do nothing else."""
    user: dict[str, Any] = {"pwd": password, "roles": [{"role": "dbOwner", "db": database}]}
    try:
        client.admin.command("updateUser", NAME, **user)
    except OperationFailure as error:
        if error.code != _USER_NOT_FOUND:
            raise
        client.admin.command("createUser", NAME, **user)


def application_uri(port: int, password: str) -> str:
    """What the application connects with. The password is made of characters that need no escape."""
    return f"mongodb://{NAME}:{password}@{LOOPBACK}:{port}/?replicaSet={NAME}&authSource=admin"
