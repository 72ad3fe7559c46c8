"""What an update of a conversation says about itself, for those who follow the user's changes.

Every update of a conversation's document that a listener should hear of sets ``lastChange``. A change
stream sees it as one more updated field, so that following needs no second write and misses nothing.
Moving messages into pages leaves it alone: nothing that anyone can see has changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bson import ObjectId

from chatapp.models.chat_models import MessageStatus

Change = dict[str, Any]


def last_change(user_id: str, *changes: Change) -> dict[str, Any]:
    """The value of ``lastChange``: whose it is, as text, and what has changed; a fresh id tells equal ones apart."""
    return {"id": ObjectId(), "userId": user_id, "events": list(changes)}


def conversation_created() -> Change:
    return {"type": "conversation.created"}


def conversation_updated(fields: Iterable[str]) -> Change:
    """``fields`` are named as the API names them."""
    return {"type": "conversation.updated", "fields": sorted(fields)}


def conversation_deleted() -> Change:
    return {"type": "conversation.deleted"}


def message_created(message_id: str) -> Change:
    return {"type": "message.created", "messageId": message_id}


def message_updated(message_id: str) -> Change:
    """A verdict on a message: the conversation's header stays as it was."""
    return {"type": "conversation.updated", "fields": ["feedback"], "messageId": message_id}


def generation_started(message_id: str) -> Change:
    return {"type": "generation.started", "messageId": message_id}


def generation_ended(message_id: str, status: MessageStatus) -> Change:
    return {"type": "generation.ended", "messageId": message_id, "status": status.value}
