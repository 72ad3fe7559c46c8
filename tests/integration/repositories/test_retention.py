"""What nobody has used for long goes into the trash, where somebody wants that."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.cursor import Cursor
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ConversationNotFound
from chatapp.repositories import retention
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.retention import Retention
from chatapp.repositories.user_repository import UserRepository
from tests.integration.repositories.test_queries import Profile


class Owner:
    """Somebody with conversations."""

    def __init__(self, database: Database[dict[str, Any]], days: float | None) -> None:
        self._database = database
        self.conversations = ConversationRepository(database)
        users = UserRepository(database)
        self.id = users.create(f"{ObjectId()}@example.org", "", "", utc_now()).id
        users.update(self.id, settings={"retentionDays": days})

    def used_days_ago(self, days: float, **changes: Any) -> str:
        made = self.conversations.create(self.id)
        self.conversations.update(self.id, made.id, changes)
        self.set(made.id, "updatedAt", days)
        return made.id

    def set(self, conversation_id: str, field: str, days_ago: float) -> None:
        moment = utc_now() - timedelta(days=days_ago)
        self._database["conversations"].update_one({"_id": ObjectId(conversation_id)}, {"$set": {field: moment}})

    def is_in_trash(self, conversation_id: str) -> bool:
        return self.conversations.get(self.id, conversation_id).trashed_at is not None


def test_what_its_owner_has_not_used_for_so_long_goes_into_the_trash(database: Database[dict[str, Any]]) -> None:
    alice, bob = Owner(database, 30), Owner(database, None)
    old, archived, new = alice.used_days_ago(31), alice.used_days_ago(31, archived=True), alice.used_days_ago(29)
    pinned, bobs = alice.used_days_ago(31, pinned=True), bob.used_days_ago(3000)

    assert Retention(database, None).run() == 2

    assert [alice.is_in_trash(one) for one in (old, archived, new, pinned)] == [True, True, False, False]
    assert alice.conversations.get(alice.id, old).trashed_at == pytest.approx(utc_now(), abs=timedelta(minutes=1))
    assert not bob.is_in_trash(bobs)
    assert Retention(database, None).run() == 0


def test_rules_that_make_no_sense_keep_nobody_from_theirs(database: Database[dict[str, Any]]) -> None:
    for days in (1e9, 0.5, -1, "never", None, True):
        odd = Owner(database, None)
        UserRepository(database).update(odd.id, settings={"retentionDays": days})
        odd.used_days_ago(40)
    alice = Owner(database, 30)
    old = alice.used_days_ago(31)

    assert Retention(database, None).run() == 1
    assert alice.is_in_trash(old)
    assert Retention(database, 35).run() == 6


@pytest.mark.parametrize("then", ["it is used", "it is taken out of the trash"])
def test_what_is_used_at_that_moment_stays(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    bob = Owner(database, None)
    one = bob.used_days_ago(31)
    if then != "it is used":
        bob.conversations.trash(bob.id, one)
        bob.set(one, "trashedAt", 31)
    limit = Cursor.limit
    found: list[dict[str, Any]] = []

    def use_once_found(self: Cursor[dict[str, Any]], count: int) -> Any:
        if found or count != retention._BATCH:
            return limit(self, count)
        found.extend(limit(self, count))
        if found:
            bob.conversations.restore(bob.id, one)
            bob.conversations.update(bob.id, one, {"read_message_id": "x"})
        return found

    monkeypatch.setattr(Cursor, "limit", use_once_found)
    assert Retention(database, 30).run() == 0
    assert len(found) == 1
    assert not bob.is_in_trash(one)


def test_reading_and_taking_out_of_the_trash_are_use(database: Database[dict[str, Any]]) -> None:
    alice = Owner(database, 30)
    read, restored = alice.used_days_ago(31), alice.used_days_ago(31)
    alice.conversations.update(alice.id, read, {"read_message_id": "x"})
    alice.conversations.trash(alice.id, restored)
    alice.conversations.restore(alice.id, restored)

    assert Retention(database, None).run() == 0

    alice.set(read, "usedAt", 31)
    assert Retention(database, None).run() == 1
    assert alice.is_in_trash(read)


def test_the_operators_rule_is_for_all_and_ends_what_was_in_the_trash_for_30_days(
    database: Database[dict[str, Any]],
) -> None:
    alice, bob = Owner(database, 300), Owner(database, None)
    pinned, bobs = alice.used_days_ago(31, pinned=True), bob.used_days_ago(31)
    lately, long_ago = bob.used_days_ago(1), bob.used_days_ago(1)
    for one, days in ((lately, 29), (long_ago, 31)):
        bob.conversations.trash(bob.id, one)
        bob.set(one, "trashedAt", days)
    assert Retention(database, None).run() == 0

    assert Retention(database, 30).run() == 3

    assert alice.is_in_trash(pinned)
    assert bob.is_in_trash(bobs)
    assert bob.is_in_trash(lately)
    with pytest.raises(ConversationNotFound):
        bob.conversations.get(bob.id, long_ago)


def test_temporary_conversations_and_running_answers_are_left_alone(database: Database[dict[str, Any]]) -> None:
    alice = Owner(database, 30)
    alice.conversations.create(alice.id, temporary=True)
    busy = alice.used_days_ago(31)
    running = {"messageId": "a", "parentId": "q", "model": "", "startedAt": utc_now(), "slot": 0}
    database["conversations"].update_one({"_id": ObjectId(busy)}, {"$set": {"generation": running}})
    alice.set(busy, "updatedAt", 31)

    assert Retention(database, 1).run() == 0


def test_only_what_is_due_is_read(database: Database[dict[str, Any]]) -> None:
    alice = Owner(database, 30)
    for _ in range(20):
        alice.used_days_ago(1)
    alice.used_days_ago(31)

    with Profile(database) as profile:
        assert Retention(database, None).run() == 1

    for operation in profile.operations("conversations"):
        assert operation["planSummary"].startswith("IXSCAN"), operation["command"]
        assert operation["docsExamined"] <= 2
