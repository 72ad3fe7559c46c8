"""Reading a conversation with its owner checked, and saying why one could not be read or written.

Only what a majority of the replica set holds is read: a message that somebody is told of, or that is answered as "sent
before", must not go again with a primary that steps down. Where a write was refused, the primary itself says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo.database import Database
from pymongo.read_concern import ReadConcern

from chatapp.errors import ConversationInTrash, ConversationNotFound, NotOwner, TurnInProgress
from chatapp.models.chat_models import Conversation, Window
from chatapp.repositories.documents import HEADER, Document, conversation_from, window_from
from chatapp.repositories.ids import stored_id

NOT_PURGED: dict[str, Any] = {"purgedAt": {"$exists": False}}
_WINDOW = {"lastChange": 0}


class ConversationReader:
    """What every access to a conversation begins with."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._committed = database.get_collection("conversations", read_concern=ReadConcern("majority"))

    def owned(self, user_id: str, conversation_id: str) -> Document:
        """Matches the user's conversation unless it is gone for good.

        Raises:
            ConversationNotFound: ``conversation_id`` is no id.
        """
        return {"_id": stored_id(conversation_id, ConversationNotFound), "userId": ObjectId(user_id), **NOT_PURGED}

    def header(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation without its messages.

        Raises:
            ConversationNotFound: there is none with this id, or it is gone for good.
            NotOwner: it is somebody else's.
        """
        return conversation_from(self._read(user_id, conversation_id, HEADER))

    def window(self, user_id: str, conversation_id: str) -> Window:
        """The conversation with its newest messages, in one read. Raises as ``header``."""
        return window_from(self._read(user_id, conversation_id, _WINDOW))

    def explain(self, user_id: str, conversation_id: str, condition: Mapping[str, Any]) -> None:
        """Says why a conversation was not matched; returns where it would be by now.

        ``condition`` is what the query asked of ``trashedAt`` and ``generation``. Only whether the conversation exists
        is asked without its owner.

        Raises:
            ConversationNotFound, NotOwner, ConversationInTrash, TurnInProgress: that is why.
        """
        fields = {"userId": 1, "trashedAt": 1, "generation": 1}
        document = self._conversations.find_one({"_id": ObjectId(conversation_id), **NOT_PURGED}, fields)
        if document is None:
            raise ConversationNotFound
        if str(document["userId"]) != user_id:
            raise NotOwner
        if "trashedAt" in condition and document["trashedAt"] is not None:
            raise ConversationInTrash
        if "generation" in condition and document["generation"] is not None:
            raise TurnInProgress(document["generation"]["messageId"])

    def _read(self, user_id: str, conversation_id: str, fields: Mapping[str, int]) -> Document:
        document = self._committed.find_one(self.owned(user_id, conversation_id), fields)
        if document is not None:
            return document
        self.explain(user_id, conversation_id, {})
        raise ConversationNotFound
