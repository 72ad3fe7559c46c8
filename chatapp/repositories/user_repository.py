"""Accounts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.errors import EmailTaken, PreconditionFailed, StoreUnavailable
from chatapp.models.account_models import Language, User
from chatapp.models.chat_models import Condition
from chatapp.repositories.appending import pause_before

_ATTEMPTS = 10


class UserRepository:
    """The collection ``users``. A unique index on ``email`` decides races between registrations."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._users = database["users"]

    def create(self, email: str, name: str, password_hash: str, now: datetime) -> User:
        """A new account for a normalised ``email``.

        Raises:
            EmailTaken: there already is one.
        """
        document = {
            "_id": ObjectId(),
            "email": email,
            "name": name,
            "passwordHash": password_hash,
            "createdAt": now,
            "settings": {},
        }
        try:
            self._users.insert_one(document)
        except DuplicateKeyError:
            raise EmailTaken from None
        return _user(document)

    def with_email(self, email: str) -> User | None:
        """The account with a normalised ``email``."""
        return _user_or_none(self._users.find_one({"email": email}))

    def get(self, user_id: str) -> User | None:
        """The account ``user_id``."""
        return _user_or_none(self._users.find_one({"_id": ObjectId(user_id)}))

    def update(
        self,
        user_id: str,
        *,
        name: str | None = None,
        settings: Mapping[str, object] | None = None,
        only_if: Condition[User] | None = None,
    ) -> User | None:
        """The account after the change. ``settings`` replaces the members that it names; ``None`` removes one.

        With ``only_if`` nothing that is shown of the account changes between its answer and the update.

        Raises:
            PreconditionFailed: ``only_if`` said no.
        """
        owned: dict[str, Any] = {"_id": ObjectId(user_id)}
        change = _change(name, settings)
        if only_if is None:
            return self._apply(owned, change)
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            before = self._users.find_one(owned)
            if before is None:
                return None
            if not only_if(_user(before)):
                raise PreconditionFailed
            as_shown = {field: before[field] for field in ("email", "name", "settings")}
            after = self._apply({**owned, **as_shown}, change)
            if after is not None:
                return after
        raise StoreUnavailable(retry_after=1)

    def replace_password(self, user_id: str, new_hash: str, *, old_hash: str | None = None) -> bool:
        """Sets the password; with ``old_hash``, only if that is still the current one. Returns whether it was set."""
        query: dict[str, Any] = {"_id": ObjectId(user_id)}
        if old_hash is not None:
            query["passwordHash"] = old_hash
        return self._users.update_one(query, {"$set": {"passwordHash": new_hash}}).matched_count == 1

    def _apply(self, query: dict[str, Any], change: dict[str, Any]) -> User | None:
        """The account after ``change``, which may be empty; ``None`` where none matches ``query``."""
        if not change:
            return _user_or_none(self._users.find_one(query))
        after = ReturnDocument.AFTER
        return _user_or_none(self._users.find_one_and_update(query, change, return_document=after))


def _change(name: str | None, settings: Mapping[str, object] | None) -> dict[str, Any]:
    replaced: dict[str, object] = {} if name is None else {"name": name}
    removed: dict[str, object] = {}
    for key, value in (settings or {}).items():
        (removed if value is None else replaced)[f"settings.{key}"] = value
    return {operator: fields for operator, fields in (("$set", replaced), ("$unset", removed)) if fields}


def _user_or_none(document: Mapping[str, Any] | None) -> User | None:
    return None if document is None else _user(document)


def _user(document: Mapping[str, Any]) -> User:
    return User(
        id=str(document["_id"]),
        email=document["email"],
        name=document["name"],
        password_hash=document["passwordHash"],
        created_at=document["createdAt"],
        settings=_known(document["settings"]),
    )


def _known(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The preferences without a language that there is not: earlier versions stored any."""
    return {name: value for name, value in settings.items() if name != "language" or value in tuple(Language)}
