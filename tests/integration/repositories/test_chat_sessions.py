"""Chat sessions end after 30 days without use, and say so."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ChatSessionExpired, ChatSessionNotFound, NotOwner
from chatapp.repositories.chat_session_repository import KEPT_FOR, USABLE_FOR, ChatSessionRepository

ALICE, BOB = str(ObjectId()), str(ObjectId())


@pytest.fixture
def sessions(database: Database[dict[str, Any]]) -> ChatSessionRepository:
    return ChatSessionRepository(database)


def last_used(database: Database[dict[str, Any]], ago: timedelta) -> None:
    database["chat_sessions"].update_many({}, {"$set": {"lastUsedAt": utc_now() - ago}})


def test_a_session_is_its_users_alone(sessions: ChatSessionRepository) -> None:
    session = sessions.create(ALICE, str(ObjectId()))

    assert sessions.get(ALICE, session.id) == session
    with pytest.raises(NotOwner):
        sessions.get(BOB, session.id)
    for unknown in (str(ObjectId()), "nonsense"):
        with pytest.raises(ChatSessionNotFound):
            sessions.get(ALICE, unknown)


def test_an_unused_session_ends_after_thirty_days(
    sessions: ChatSessionRepository, database: Database[dict[str, Any]]
) -> None:
    session = sessions.create(ALICE, str(ObjectId()))

    last_used(database, USABLE_FOR - timedelta(minutes=1))
    sessions.get(ALICE, session.id)
    last_used(database, USABLE_FOR + timedelta(minutes=1))
    with pytest.raises(ChatSessionExpired):
        sessions.get(ALICE, session.id)
    assert KEPT_FOR > 2 * USABLE_FOR


def test_use_prolongs_a_session_and_is_noted_once_an_hour(
    sessions: ChatSessionRepository, database: Database[dict[str, Any]]
) -> None:
    session = sessions.create(ALICE, str(ObjectId()))
    sessions.touch(session)
    assert sessions.get(ALICE, session.id) == session

    last_used(database, timedelta(days=29))
    sessions.touch(sessions.get(ALICE, session.id))

    assert utc_now() - sessions.get(ALICE, session.id).last_used_at < timedelta(minutes=1)


def test_a_session_is_kept_long_after_its_last_use(
    sessions: ChatSessionRepository, database: Database[dict[str, Any]]
) -> None:
    session = sessions.create(ALICE, str(ObjectId()))
    for _ in range(2):
        stored = database["chat_sessions"].find_one() or {}
        assert stored["expiresAt"] - utc_now() > KEPT_FOR - timedelta(minutes=1)
        long_ago = utc_now() - timedelta(days=29)
        database["chat_sessions"].update_one({}, {"$set": {"lastUsedAt": long_ago, "expiresAt": long_ago + KEPT_FOR}})
        sessions.touch(sessions.get(ALICE, session.id))
