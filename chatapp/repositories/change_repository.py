"""What changed for users, on any worker, read from MongoDB's change stream.

Every update of a conversation writes its events into ``lastChange``, so an event is stored together with its cause,
and the stream carries a few dozen bytes for it, never a message. What happens to a user's projects and tags is written
to the user in the same way, right after it: what was deleted could not tell whose it was.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.change_stream import ChangeStream
from pymongo.database import Database

from chatapp.models.change_models import Change

Document = dict[str, Any]


class ChangeCursor:
    """A position in the change stream."""

    def __init__(self, stream: ChangeStream[Document]) -> None:
        self._stream = stream

    @property
    def position(self) -> str | None:
        """The token up to which all changes have been returned."""
        token = self._stream.resume_token
        return None if token is None else str(token["_data"])

    def next_within(self) -> Change | None:
        """The next change, or ``None`` if there was none for ``wait_ms`` (see ``watch``)."""
        document = self._stream.try_next()
        return None if document is None else _change(document)


class ChangeRepository:
    """The change stream of the collections ``conversations`` and ``users``."""

    def __init__(self, database: Database[Document]) -> None:
        self._database = database

    @contextmanager
    def watch(self, *, after: str | None, wait_ms: int) -> Iterator[ChangeCursor]:
        """The changes of all users since ``after`` (a token; ``None`` means now), for the worker that distributes them.

        Raises:
            OperationFailure: the token is invalid, or older than MongoDB's oplog.
        """
        resume = {"_data": after} if after is not None else None
        with self._database.watch(_PIPELINE, resume_after=resume, max_await_time_ms=wait_ms) as stream:
            yield ChangeCursor(stream)


_PIPELINE: list[Document] = [
    {"$match": {"ns.coll": {"$in": ["conversations", "users"]}}},
    {
        "$project": {
            "ns": 1,
            "documentKey": 1,
            "change": {"$ifNull": ["$updateDescription.updatedFields.lastChange", "$fullDocument.lastChange"]},
        }
    },
    {"$match": {"change.events": {"$exists": True}}},
]


def _change(document: Document) -> Change:
    change = document["change"]
    is_conversation = document["ns"]["coll"] == "conversations"
    where = {"conversationId": str(document["documentKey"]["_id"])} if is_conversation else {}
    return Change(
        token=document["_id"]["_data"],
        user_id=change["userId"],
        events=tuple({**where, **event} for event in change["events"]),
    )
