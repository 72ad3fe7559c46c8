"""Clients' handles on conversations."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ChatSessionExpired, ChatSessionNotFound, ConversationNotFound, NotOwner
from chatapp.models.chat_models import ChatSession
from chatapp.repositories.documents import Document
from chatapp.repositories.ids import stored_id

USABLE_FOR = timedelta(days=30)
"""A session ends when it has not been used for so long."""

KEPT_FOR = timedelta(days=400)
"""For so long after its last use a session that has ended can still be told from one that never was."""

TOUCHED_EVERY = timedelta(hours=1)
"""The last use is noted this often at the most, so that using a session mostly writes nothing."""


class ChatSessionRepository:
    """The collection ``chat_sessions``."""

    def __init__(self, database: Database[Document]) -> None:
        self._sessions = database["chat_sessions"]

    def create(self, user_id: str, conversation_id: str) -> ChatSession:
        """A new session on a conversation, which the caller has made sure is the user's.

        Raises:
            ConversationNotFound: ``conversation_id`` is no id.
        """
        now = utc_now()
        document = {
            "_id": ObjectId(),
            "userId": ObjectId(user_id),
            "conversationId": stored_id(conversation_id, ConversationNotFound),
            "createdAt": now,
            "lastUsedAt": now,
            "expiresAt": now + KEPT_FOR,
        }
        self._sessions.insert_one(document)
        return _session(document)

    def get(self, user_id: str, session_id: str) -> ChatSession:
        """The session.

        Raises:
            ChatSessionNotFound: there is none with this id; also when its conversation is gone for good.
            NotOwner: it is somebody else's.
            ChatSessionExpired: it was not used for 30 days.
        """
        id_ = stored_id(session_id, ChatSessionNotFound)
        document = self._sessions.find_one({"_id": id_, "userId": ObjectId(user_id)})
        if document is None:
            self._refuse(id_)
            raise ChatSessionNotFound
        session = _session(document)
        if session.last_used_at < utc_now() - USABLE_FOR:
            raise ChatSessionExpired
        return session

    def touch(self, session: ChatSession) -> None:
        """Notes that the session is used, if that has not been noted within the hour."""
        now = utc_now()
        if now - session.last_used_at < TOUCHED_EVERY:
            return
        owned = {"_id": ObjectId(session.id), "userId": ObjectId(session.user_id)}
        self._sessions.update_one(owned, {"$set": {"lastUsedAt": now, "expiresAt": now + KEPT_FOR}})

    def _refuse(self, id_: ObjectId) -> None:
        """Only whether it exists is asked without its owner."""
        if self._sessions.find_one({"_id": id_}, {"_id": 1}) is not None:
            raise NotOwner


def _session(document: Mapping[str, Any]) -> ChatSession:
    return ChatSession(
        id=str(document["_id"]),
        user_id=str(document["userId"]),
        conversation_id=str(document["conversationId"]),
        created_at=document["createdAt"],
        last_used_at=document["lastUsedAt"],
    )
