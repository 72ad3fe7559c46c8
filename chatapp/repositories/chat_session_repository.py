"""Chat sessions: clients' handles on conversations."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import ChatSessionExpired, ChatSessionNotFound
from chatapp.models.chat_models import ChatSession
from chatapp.repositories.documents import Document
from chatapp.repositories.ids import stored_id, why_missing

USABLE_FOR = timedelta(days=30)
"""A session expires when it has not been used for this long."""

KEPT_FOR = timedelta(days=400)
"""How long after its last use a record is kept, so that an expired session can be told from one that never existed."""

TOUCHED_EVERY = timedelta(hours=1)
"""The time of the last use is updated no more often than this, so that most uses write nothing."""


class ChatSessionRepository:
    """The collection ``chat_sessions``."""

    def __init__(self, database: Database[Document]) -> None:
        self._sessions = database["chat_sessions"]

    def create(self, user_id: str, conversation_id: str) -> ChatSession:
        """A new session on a conversation. The caller has checked that the conversation belongs to the user."""
        now = utc_now()
        document = {
            "_id": ObjectId(),
            "userId": ObjectId(user_id),
            "conversationId": ObjectId(conversation_id),
            "createdAt": now,
            "lastUsedAt": now,
            "expiresAt": now + KEPT_FOR,
        }
        self._sessions.insert_one(document)
        return _session(document)

    def get(self, user_id: str, session_id: str) -> ChatSession:
        """The session.

        Raises:
            ChatSessionNotFound: it does not exist, or its conversation has been deleted for good.
            NotOwner: it belongs to another user.
            ChatSessionExpired: it has not been used for 30 days.
        """
        id_ = stored_id(session_id, ChatSessionNotFound)
        document = self._sessions.find_one({"_id": id_, "userId": ObjectId(user_id)})
        if document is None:
            raise why_missing(self._sessions, id_, ChatSessionNotFound)
        session = _session(document)
        if session.last_used_at < utc_now() - USABLE_FOR:
            raise ChatSessionExpired
        return session

    def touch(self, session: ChatSession) -> None:
        """Records that the session is being used, at most once an hour."""
        now = utc_now()
        if now - session.last_used_at < TOUCHED_EVERY:
            return
        owned = {"_id": ObjectId(session.id), "userId": ObjectId(session.user_id)}
        self._sessions.update_one(owned, {"$set": {"lastUsedAt": now, "expiresAt": now + KEPT_FOR}})


def _session(document: Mapping[str, Any]) -> ChatSession:
    return ChatSession(
        id=str(document["_id"]),
        user_id=str(document["userId"]),
        conversation_id=str(document["conversationId"]),
        created_at=document["createdAt"],
        last_used_at=document["lastUsedAt"],
    )
