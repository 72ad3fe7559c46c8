"""Accounts and sign-ins as documents, on mongomock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import mongomock
import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.errors import EmailTaken, NotOwner, StoreUnavailable
from chatapp.models.account_models import User
from chatapp.repositories import user_repository
from chatapp.repositories.sign_in_repository import SignInRepository
from chatapp.repositories.user_repository import UserRepository

NOW = datetime(2026, 1, 31, 8, 5, 9, 120_000, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.fixture
def store() -> Database[dict[str, Any]]:
    database: Database[dict[str, Any]] = mongomock.MongoClient(tz_aware=True)["chatapp"]
    database["users"].create_index("email", unique=True)
    return database


def test_an_account_comes_back_as_it_was_made(store: Database[dict[str, Any]]) -> None:
    users = UserRepository(store)

    made = users.create("ada@example.org", "Ada", "hash", NOW)

    assert users.get(made.id) == users.with_email("ada@example.org") == made
    assert made.created_at == NOW
    assert "hash" not in repr(made)
    assert users.get(str(ObjectId())) is None
    assert users.with_email("nobody@example.org") is None


@pytest.mark.parametrize("language", ["en_US", "", 5, {"of": "another client"}])
def test_a_stored_language_that_there_is_not_is_none(store: Database[dict[str, Any]], language: object) -> None:
    users = UserRepository(store)
    made = users.create("ada@example.org", "Ada", "hash", NOW)
    store["users"].update_one({}, {"$set": {"settings": {"language": language, "theme": "dark"}}})

    found = users.get(made.id)
    changed = users.update(made.id, name="A.", only_if=lambda user: "language" not in user.settings)

    assert found is not None
    assert changed is not None
    assert found.settings == changed.settings == {"theme": "dark"}


def test_an_email_is_taken_once(store: Database[dict[str, Any]]) -> None:
    users = UserRepository(store)
    users.create("ada@example.org", "Ada", "hash", NOW)

    with pytest.raises(EmailTaken):
        users.create("ada@example.org", "Eve", "hash", NOW)


def test_a_change_touches_what_it_names(store: Database[dict[str, Any]]) -> None:
    users = UserRepository(store)
    made = users.create("ada@example.org", "Ada", "hash", NOW)
    users.update(made.id, settings={"theme": "dark", "size": 2})

    changed = users.update(made.id, name="A. L.", settings={"theme": None, "dense": False})

    assert changed is not None
    assert (changed.name, changed.settings) == ("A. L.", {"size": 2, "dense": False})
    assert users.update(made.id) == changed
    assert users.update(str(ObjectId()), name="Nobody") is None
    cleared = users.update(made.id, name="")
    assert cleared is not None
    assert (cleared.name, cleared.settings) == ("", changed.settings)


def test_a_condition_is_asked_again_if_the_account_changes_meanwhile(store: Database[dict[str, Any]]) -> None:
    users = UserRepository(store)
    made = users.create("ada@example.org", "Ada", "hash", NOW)
    shown: list[str] = []

    def only_if(user: User) -> bool:
        shown.append(user.name)
        if len(shown) == 1:
            users.update(made.id, name="Augusta")
        return True

    changed = users.update(made.id, settings={"theme": "dark"}, only_if=only_if)

    assert shown == ["Ada", "Augusta"]
    assert changed is not None
    assert (changed.name, changed.settings) == ("Augusta", {"theme": "dark"})


def test_an_account_that_changes_all_the_time_is_not_changed_for_ever(
    store: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    users = UserRepository(store)
    made = users.create("ada@example.org", "Ada", "hash", NOW)
    pauses: list[int] = []
    monkeypatch.setattr(user_repository, "pause_before", pauses.append)

    def only_if(user: User) -> bool:
        users.update(made.id, name=f"{user.name}!")
        return True

    with pytest.raises(StoreUnavailable):
        users.update(made.id, settings={"theme": "dark"}, only_if=only_if)

    assert pauses == list(range(10))


def test_a_password_is_replaced_only_if_nobody_else_did(store: Database[dict[str, Any]]) -> None:
    users = UserRepository(store)
    made = users.create("ada@example.org", "Ada", "first", NOW)

    assert users.replace_password(made.id, "second", old_hash="first")
    assert not users.replace_password(made.id, "third", old_hash="first")
    assert users.replace_password(made.id, "fourth")


def test_a_sign_in_is_found_by_its_token_until_it_expires(store: Database[dict[str, Any]]) -> None:
    sign_ins = SignInRepository(store)
    user_id = str(ObjectId())

    made = sign_ins.create(user_id, "token", user_agent="Firefox", address="203.0.113.9", now=NOW, lifetime=WEEK)

    assert sign_ins.with_token("token", NOW + WEEK - timedelta(seconds=1)) == made
    assert sign_ins.with_token("token", NOW + WEEK) is None
    assert sign_ins.with_token("other", NOW) is None


def test_being_seen_gives_the_whole_lifetime_again(store: Database[dict[str, Any]]) -> None:
    sign_ins = SignInRepository(store)
    made = sign_ins.create(str(ObjectId()), "token", user_agent="", address="", now=NOW, lifetime=WEEK)
    later = NOW + timedelta(days=6)

    assert sign_ins.extend(made, later)

    found = sign_ins.with_token("token", later)
    assert found is not None
    assert (found.last_seen_at, found.expires_at) == (later, later + WEEK)


def test_a_sign_in_that_was_ended_cannot_be_extended(store: Database[dict[str, Any]]) -> None:
    sign_ins = SignInRepository(store)
    made = sign_ins.create(str(ObjectId()), "token", user_agent="", address="", now=NOW, lifetime=WEEK)
    sign_ins.end(made.user_id, made.id)

    assert not sign_ins.extend(made, NOW)
    assert sign_ins.with_token("token", NOW) is None


def test_nobody_ends_the_sign_in_of_another(store: Database[dict[str, Any]]) -> None:
    sign_ins = SignInRepository(store)
    ada, eve = str(ObjectId()), str(ObjectId())
    made = sign_ins.create(ada, "token", user_agent="", address="", now=NOW, lifetime=WEEK)

    with pytest.raises(NotOwner):
        sign_ins.end(eve, made.id)
    assert sign_ins.end_all(eve) == 0
    assert [device.id for device in sign_ins.list(ada, NOW, limit=10).items] == [made.id]
    assert sign_ins.list(eve, NOW, limit=10).items == ()


def test_devices_that_were_seen_at_the_same_moment_are_all_listed_page_by_page(store: Database[dict[str, Any]]) -> None:
    sign_ins = SignInRepository(store)
    ada = str(ObjectId())
    made = {sign_ins.create(ada, token, user_agent="", address="", now=NOW, lifetime=WEEK).id for token in "abcd"}

    first = sign_ins.list(ada, NOW, limit=2)
    second = sign_ins.list(ada, NOW, limit=2, cursor=first.next_cursor)

    assert {device.id for device in (*first.items, *second.items)} == made
    assert second.next_cursor is None
