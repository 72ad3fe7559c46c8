"""Reads conversations with a check of the owner, and finds out why one could not be read or written.

Reads use read concern "majority": a message that was shown to a client, or reported as "sent before", must not be
rolled back when a primary steps down. Why a write did not match is asked of the primary itself.
"""

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
    """The checked read that every access to a conversation starts with."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._majority = database.get_collection("conversations", read_concern=ReadConcern("majority"))

    def owned(self, user_id: str, conversation_id: str) -> Document:
        """Matches the user's conversation unless it has been deleted for good.

        Raises:
            ConversationNotFound: ``conversation_id`` is not a valid id.
        """
        return {"_id": stored_id(conversation_id, ConversationNotFound), "userId": ObjectId(user_id), **NOT_PURGED}

    def header(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation without its messages.

        Raises:
            ConversationNotFound: it does not exist, or has been deleted for good.
            NotOwner: it belongs to another user.
        """
        return conversation_from(self.header_document(user_id, conversation_id))

    def header_document(self, user_id: str, conversation_id: str) -> Document:
        """As ``header``, in the form that is stored."""
        return self._read(user_id, conversation_id, HEADER)

    def window(self, user_id: str, conversation_id: str) -> Window:
        """The conversation with its newest messages, in one read. Raises as ``header``."""
        return window_from(self._read(user_id, conversation_id, _WINDOW))

    def explain(self, user_id: str, conversation_id: str, condition: Mapping[str, Any]) -> None:
        """Raises the reason why a query did not match a conversation; returns if it would match by now.

        ``condition`` is what the query required of ``trashedAt`` and ``generation``. The query here has no owner in it,
        to tell "not yours" from "not there"; nothing of what it reads is shown.

        Raises:
            ConversationNotFound, NotOwner, ConversationInTrash, TurnInProgress: the reason.
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
        document = self._majority.find_one(self.owned(user_id, conversation_id), fields)
        if document is not None:
            return document
        self.explain(user_id, conversation_id, {})
        raise ConversationNotFound
