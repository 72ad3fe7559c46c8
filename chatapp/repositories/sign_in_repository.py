"""Devices that are signed in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database

from chatapp.models.account_models import SignIn
from chatapp.models.chat_models import Page
from chatapp.repositories.cursors import DeviceCursor

_ORDER = [("lastSeenAt", DESCENDING), ("_id", DESCENDING)]


class SignInRepository:
    """The collection ``sign_ins``.

    ``tokenHash`` is unique: it finds a request's record by one index read, and names its user, so it is the one
    query here that cannot name the user itself. A TTL index takes records away some time after ``expiresAt``.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._sign_ins = database["sign_ins"]

    def create(
        self, user_id: str, token_hash: str, *, user_agent: str, address: str, now: datetime, lifetime: timedelta
    ) -> SignIn:
        """A device that is signed in from ``now`` on, for ``lifetime`` after it was last seen."""
        document = {
            "_id": ObjectId(),
            "userId": ObjectId(user_id),
            "tokenHash": token_hash,
            "createdAt": now,
            "lastSeenAt": now,
            "expiresAt": now + lifetime,
            "userAgent": user_agent,
            "address": address,
        }
        self._sign_ins.insert_one(document)
        return _sign_in(document)

    def with_token(self, token_hash: str, now: datetime) -> SignIn | None:
        """The sign-in whose token has this hash, unless it has expired."""
        document = self._sign_ins.find_one({"tokenHash": token_hash, "expiresAt": {"$gt": now}}, {"tokenHash": 0})
        return None if document is None else _sign_in(document)

    def is_there(self, sign_in: SignIn, now: datetime) -> bool:
        """Whether it has neither been ended nor expired."""
        query = {"_id": ObjectId(sign_in.id), "userId": ObjectId(sign_in.user_id), "expiresAt": {"$gt": now}}
        return self._sign_ins.find_one(query, {"_id": 1}) is not None

    def prolong(self, sign_in: SignIn, now: datetime) -> bool:
        """Notes that the device was seen, and gives it its whole lifetime again; False where it has been ended."""
        lifetime = sign_in.expires_at - sign_in.last_seen_at  # both are only ever written together
        result = self._sign_ins.update_one(
            {"_id": ObjectId(sign_in.id), "userId": ObjectId(sign_in.user_id)},
            {"$set": {"lastSeenAt": now, "expiresAt": now + lifetime}},
        )
        return result.matched_count == 1

    def list(self, user_id: str, now: datetime, *, limit: int, cursor: str | None = None) -> Page[SignIn]:
        """A page of the user's devices, the last seen first.

        Raises:
            Invalid: the cursor is none.
        """
        chosen: dict[str, Any] = {"userId": ObjectId(user_id), "expiresAt": {"$gt": now}}
        if cursor is not None:
            after = DeviceCursor.decode(cursor)
            seen = after.last_seen_at
            chosen["$or"] = [{"lastSeenAt": {"$lt": seen}}, {"lastSeenAt": seen, "_id": {"$lt": after.id}}]
        found = self._sign_ins.find(chosen, {"tokenHash": 0}).sort(_ORDER).limit(limit + 1)
        devices = [_sign_in(document) for document in found]
        last = devices[limit - 1] if len(devices) > limit else None
        return Page(tuple(devices[:limit]), DeviceCursor.after(last).encode() if last else None)

    def owner(self, sign_in_id: str) -> str | None:
        """Whose the sign-in is. Only tells "not yours" from "not there"."""
        document = self._sign_ins.find_one({"_id": ObjectId(sign_in_id)}, {"userId": 1})
        return None if document is None else str(document["userId"])

    def end(self, user_id: str, sign_in_id: str) -> bool:
        """Signs one device of the user out; says whether there was such a one."""
        result = self._sign_ins.delete_one({"_id": ObjectId(sign_in_id), "userId": ObjectId(user_id)})
        return result.deleted_count == 1

    def end_with_token(self, token_hash: str) -> None:
        """Signs out the device that holds the token with this hash."""
        self._sign_ins.delete_one({"tokenHash": token_hash})

    def end_all(self, user_id: str, *, but: str | None = None) -> int:
        """Signs all devices of the user out, but the one with the id ``but``; says how many."""
        query: dict[str, Any] = {"userId": ObjectId(user_id)}
        if but is not None:
            query["_id"] = {"$ne": ObjectId(but)}
        return self._sign_ins.delete_many(query).deleted_count


def _sign_in(document: Mapping[str, Any]) -> SignIn:
    return SignIn(
        id=str(document["_id"]),
        user_id=str(document["userId"]),
        created_at=_utc(document["createdAt"]),
        last_seen_at=_utc(document["lastSeenAt"]),
        expires_at=_utc(document["expiresAt"]),
        user_agent=document["userAgent"],
        address=document["address"],
    )


def _utc(moment: datetime) -> datetime:
    """The moment with its zone, also from a client that does not know zones."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
