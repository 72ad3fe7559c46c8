"""The stream of what changes for users, as MongoDB gives it."""

from __future__ import annotations

from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.models.change_models import Change
from chatapp.repositories.change_repository import ChangeCursor, ChangeRepository
from chatapp.repositories.changes import tag_updated, tell_user
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.user_repository import UserRepository


def _next(cursor: ChangeCursor) -> Change:
    while (change := cursor.next_within()) is None:
        pass
    return change


def test_a_stream_that_is_opened_again_goes_on_where_the_one_before_was(database: Database[dict[str, Any]]) -> None:
    conversations, changes = ConversationRepository(database), ChangeRepository(database)
    user_id = str(ObjectId())
    with changes.watch(after=None, wait_ms=100) as cursor:
        assert cursor.next_within() is None
        place = cursor.position
    created = conversations.create(user_id)
    with changes.watch(after=place, wait_ms=100) as cursor:
        change = _next(cursor)
    assert (change.user_id, change.events[0]["conversationId"]) == (user_id, created.id)


def test_what_changes_without_an_event_is_passed_over(database: Database[dict[str, Any]]) -> None:
    conversations, changes = ConversationRepository(database), ChangeRepository(database)
    user_id = str(ObjectId())
    conversation = conversations.create(user_id)
    with changes.watch(after=None, wait_ms=100) as cursor:
        database["conversations"].update_one({"userId": ObjectId(user_id)}, {"$inc": {"edits": 1}})
        conversations.trash(user_id, conversation.id)
        assert [event["type"] for event in _next(cursor).events] == ["conversation.updated"]
        conversations.purge(user_id, conversation.id)
        assert [event["type"] for event in _next(cursor).events] == ["conversation.deleted"]
        database["conversations"].delete_one({"userId": ObjectId(user_id)})
        other = conversations.create(user_id)
        assert [*_next(cursor).events] == [{"conversationId": other.id, "type": "conversation.created"}]


def test_the_same_change_made_twice_is_told_twice(database: Database[dict[str, Any]]) -> None:
    conversations, changes = ConversationRepository(database), ChangeRepository(database)
    user_id = str(ObjectId())
    conversation = conversations.create(user_id)
    with changes.watch(after=None, wait_ms=100) as cursor:
        for title in ("a", "b"):
            conversations.update(user_id, conversation.id, {"title": title})
        first, second = _next(cursor), _next(cursor)
    assert first.events == second.events


def test_what_happens_to_a_users_tags_is_told_to_that_user_alone(database: Database[dict[str, Any]]) -> None:
    users, changes = UserRepository(database), ChangeRepository(database)
    _, bob = (users.create(f"{name}@example.org", name, "-", utc_now()).id for name in ("ada", "bob"))
    with changes.watch(after=None, wait_ms=100) as cursor:
        for name in ("sea", "port"):
            tell_user(database["users"], bob, tag_updated(name))
        told = [_next(cursor), _next(cursor)]
    assert [change.user_id for change in told] == [bob, bob]
    assert [change.events for change in told] == [({"type": "tag.updated", "name": name},) for name in ("sea", "port")]
    assert [bool(user.get("lastChange")) for user in database["users"].find().sort("email")] == [False, True]
