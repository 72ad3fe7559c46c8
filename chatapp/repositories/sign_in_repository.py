"""Sign-ins: devices that are signed in."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.database import Database

from chatapp.errors import SignInNotFound
from chatapp.models.account_models import SignIn
from chatapp.models.chat_models import Page
from chatapp.repositories.cursors import SignInCursor, scope
from chatapp.repositories.ids import stored_id, why_missing

_ORDER = [("lastSeenAt", DESCENDING), ("_id", DESCENDING)]


class SignInRepository:
    """The collection ``sign_ins``.

    ``tokenHash`` is unique. It finds the record, and with it the user, of a request by one index read, so this is the
    one query here without a user. A TTL index removes records some time after ``expiresAt``.
    """

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._sign_ins = database["sign_ins"]

    def create(
        self, user_id: str, token_hash: str, *, user_agent: str, address: str, now: datetime, lifetime: timedelta
    ) -> SignIn:
        """A new sign-in, valid for ``lifetime`` after the device was last seen."""
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

    def is_active(self, sign_in: SignIn, now: datetime) -> bool:
        """Whether it has neither ended nor expired."""
        query = {"_id": ObjectId(sign_in.id), "userId": ObjectId(sign_in.user_id), "expiresAt": {"$gt": now}}
        return self._sign_ins.find_one(query, {"_id": 1}) is not None

    def extend(self, sign_in: SignIn, now: datetime) -> bool:
        """Records that the device was seen, and restarts the lifetime. Returns False if the sign-in has ended."""
        lifetime = sign_in.expires_at - sign_in.last_seen_at  # both are always written together
        result = self._sign_ins.update_one(
            {"_id": ObjectId(sign_in.id), "userId": ObjectId(sign_in.user_id)},
            {"$set": {"lastSeenAt": now, "expiresAt": now + lifetime}},
        )
        return result.matched_count == 1

    def list(self, user_id: str, now: datetime, *, limit: int, cursor: str | None = None) -> Page[SignIn]:
        """A page of the user's sign-ins, most recently seen first.

        Raises:
            InvalidCursor: the cursor is invalid.
        """
        query: dict[str, Any] = {"userId": ObjectId(user_id), "expiresAt": {"$gt": now}}
        this_list = scope("sign_ins", user=user_id)
        if cursor is not None:
            after = SignInCursor.decode(cursor, this_list)
            seen = after.last_seen_at
            query["$or"] = [{"lastSeenAt": {"$lt": seen}}, {"lastSeenAt": seen, "_id": {"$lt": after.id}}]
        found = self._sign_ins.find(query, {"tokenHash": 0}).sort(_ORDER).limit(limit + 1)
        sign_ins = [_sign_in(document) for document in found]
        last = sign_ins[limit - 1] if len(sign_ins) > limit else None
        following = SignInCursor(last.last_seen_at, ObjectId(last.id)).encode(this_list) if last else None
        return Page(tuple(sign_ins[:limit]), following)

    def end(self, user_id: str, sign_in_id: str) -> None:
        """Ends one sign-in of the user.

        Raises:
            SignInNotFound: there is none with this id.
            NotOwner: it is another user's.
        """
        id_ = stored_id(sign_in_id, SignInNotFound)
        if not self._sign_ins.delete_one({"_id": id_, "userId": ObjectId(user_id)}).deleted_count:
            raise why_missing(self._sign_ins, id_, SignInNotFound)

    def end_with_token(self, token_hash: str) -> None:
        """Ends the sign-in that has the token with this hash."""
        self._sign_ins.delete_one({"tokenHash": token_hash})

    def end_all(self, user_id: str, *, keep: str | None = None) -> int:
        """Ends all sign-ins of the user except the one with the id ``keep``. Returns how many."""
        query: dict[str, Any] = {"userId": ObjectId(user_id)}
        if keep is not None:
            query["_id"] = {"$ne": ObjectId(keep)}
        return self._sign_ins.delete_many(query).deleted_count


def _sign_in(document: Mapping[str, Any]) -> SignIn:
    return SignIn(
        id=str(document["_id"]),
        user_id=str(document["userId"]),
        created_at=document["createdAt"],
        last_seen_at=document["lastSeenAt"],
        expires_at=document["expiresAt"],
        user_agent=document["userAgent"],
        address=document["address"],
    )
