"""What has changed in conversations, on whichever worker, as MongoDB's change streams tell it.

Every update of a conversation writes ``lastChange`` with the events that it means, so an event is stored with its
cause in one step, and the stream carries a few dozen bytes of it, never a message.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from pymongo.change_stream import ChangeStream
from pymongo.database import Database

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One update's events. Tokens are text whose order is the order of the changes."""

    token: str
    user_id: str
    conversation_id: str
    events: tuple[Document, ...]


class ChangeCursor:
    """A place in the stream of changes."""

    def __init__(self, stream: ChangeStream[Document]) -> None:
        self._stream = stream

    @property
    def position(self) -> str | None:
        """The token up to which everything has been given out."""
        token = self._stream.resume_token
        return None if token is None else str(token["_data"])

    def next_within(self) -> Change | None:
        """The next change, or ``None`` where none came for a while (the ``wait_ms`` of ``watch``)."""
        document = self._stream.try_next()
        return None if document is None else _change(document)


class ChangeRepository:
    """Reads the change stream of the conversations."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]

    @contextmanager
    def watch(self, *, after: str | None, wait_ms: int, user_id: str | None = None) -> Iterator[ChangeCursor]:
        """Changes from ``after`` (a token; ``None`` is now) on.

        One user's, or everybody's for the worker that hands them out.

        Raises:
            OperationFailure: the token is none, or older than what MongoDB remembers.
        """
        resume = {"_data": after} if after is not None else None
        pipeline = _PIPELINE if user_id is None else [*_PIPELINE, {"$match": {"change.userId": user_id}}]
        with self._conversations.watch(pipeline, resume_after=resume, max_await_time_ms=wait_ms) as stream:
            yield ChangeCursor(stream)


_PIPELINE: list[Document] = [
    {"$match": {"operationType": {"$in": ["insert", "update"]}}},
    {
        "$project": {
            "documentKey": 1,
            "change": {"$ifNull": ["$updateDescription.updatedFields.lastChange", "$fullDocument.lastChange"]},
        }
    },
    {"$match": {"change.events": {"$exists": True}}},
]


def _change(document: Document) -> Change:
    change = document["change"]
    return Change(
        token=document["_id"]["_data"],
        user_id=str(change["userId"]),
        conversation_id=str(document["documentKey"]["_id"]),
        events=tuple(change["events"]),
    )
