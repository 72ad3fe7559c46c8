"""Says in one line what is wrong with MongoDB, for the operator. Addresses and credentials are not repeated."""

from typing import Any

from pymongo import timeout
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, OperationFailure, PyMongoError, ServerSelectionTimeoutError

_SIGN_IN_FAILED = {11, 18, 8000}
"""UserNotFound, AuthenticationFailed, and what MongoDB Atlas answers."""

_UNAUTHORIZED = 13

_HOW_TO = "Start mongod with --replSet rs0 and run rs.initiate() once in mongosh: that makes it a replica set of one."

_ANSWERS_WITHIN = 2.5
"""Seconds. Whoever asks wants to know what is wrong now, and does not wait for a new primary."""


class DatabaseUnusable(Exception):
    """Waiting does not help. The message is one line for the operator."""


def why_not_writable(database: Database[dict[str, Any]]) -> str | None:
    """Why the application could not write at this moment, as a sentence; ``None`` if it could."""
    try:
        if not require_replica_set(database)["isWritablePrimary"]:
            return "MongoDB takes no writes: it has no primary."
        # Matches nothing, but is refused where a write would be refused.
        database["meta"].update_one({"_id": "ready"}, {"$set": {"ready": True}})
    except DatabaseUnusable as error:
        return str(error)
    except PyMongoError as error:
        return reason_for(error, database)
    return None


def require_replica_set(database: Database[dict[str, Any]]) -> dict[str, Any]:
    """Checks what MongoDB runs as. Returns what it says about itself.

    Majority writes and change streams need a replica set, even if it has only one member.

    Raises:
        DatabaseUnusable: it is a standalone server, or not a member of the replica set that ``MONGODB_URI`` names.
        PyMongoError: it does not answer.
    """
    try:
        with timeout(_ANSWERS_WITHIN):
            hello: dict[str, Any] = database.client.admin.command("hello")
    except ServerSelectionTimeoutError:
        if _has_no_member(database):
            raise DatabaseUnusable(
                f"MongoDB is not the replica set that MONGODB_URI names. If it is a standalone server: {_HOW_TO}"
            ) from None
        raise
    is_mongos = hello.get("msg") == "isdbgrid"
    if not is_mongos and "setName" not in hello and not hello.get("isreplicaset"):
        raise DatabaseUnusable(f"MongoDB is a standalone server, but must be a replica set. {_HOW_TO}")
    return hello


def reason_for(error: PyMongoError, database: Database[dict[str, Any]], *, show_host: bool = False) -> str:
    """Why MongoDB cannot be used at the moment, as a sentence. The driver's own words may contain parts of messages.

    ``show_host`` names the host that does not answer, for somebody who may know it.
    """
    if isinstance(error, OperationFailure):
        return _reason_for_refusal(error, database.name)
    if isinstance(error, ServerSelectionTimeoutError):
        servers = database.client.topology_description.server_descriptions().values()
        for server in servers:
            if isinstance(server.error, OperationFailure):  # it refused the sign-in of an earlier attempt
                return _reason_for_refusal(server.error, database.name)
        if any(server.server_type_name == "RSGhost" for server in servers):
            return "MongoDB waits for its replica set to be initiated: run rs.initiate() once in mongosh."
    if isinstance(error, ConnectionFailure) and show_host:
        return f"MongoDB cannot be reached: {str(error).partition(',')[0].partition(' (configured')[0]}"
    if isinstance(error, ConnectionFailure):
        return f"MongoDB does not answer ({type(error).__name__})."
    return f"MongoDB cannot be used ({type(error).__name__})."


def _reason_for_refusal(error: OperationFailure, name: str) -> str:
    if error.code in _SIGN_IN_FAILED:
        return "MongoDB refuses the sign-in: the user or the password in MONGODB_URI is wrong."
    if error.code == _UNAUTHORIZED and "requires authentication" in str(error):
        return "MongoDB asks for a sign-in: put a user and a password into MONGODB_URI."
    if error.code == _UNAUTHORIZED:
        return f"The user in MONGODB_URI may not use the database {name!r}: it needs the role dbOwner there."
    details = error.details or {}
    first = (details.get("writeErrors") or [details])[0]
    code_name = first.get("codeName", f"error {first.get('code')}")
    return f"MongoDB refused the command ({code_name})."


def _has_no_member(database: Database[dict[str, Any]]) -> bool:
    """Whether the driver dropped every host, because each answered and none belongs to the named replica set."""
    return not database.client.topology_description.server_descriptions()
