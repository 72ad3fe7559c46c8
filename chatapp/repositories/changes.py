"""The events that an update of a conversation, or of its user, stores for the user's event feed.

Every update that listeners should hear about sets ``lastChange`` on the conversation's document. The change stream
delivers it as one more updated field, so publishing an event needs no second write and no event is missed. Moving
messages into pages does not set it: nothing visible has changed.
"""

from collections.abc import Iterable
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection

from chatapp.models.chat_models import MessageStatus

Event = dict[str, Any]


def last_change(user_id: str, *events: Event) -> dict[str, Any]:
    """The value of ``lastChange``: the owner and what has changed. A new id each time makes equal changes distinct."""
    return {"id": ObjectId(), "userId": user_id, "events": list(events)}


def tell_user(users: Collection[dict[str, Any]], user_id: str, event: Event) -> None:
    """Stores an event that belongs to no conversation, after what it tells of."""
    users.update_one({"_id": ObjectId(user_id)}, {"$set": {"lastChange": last_change(user_id, event)}})


def project_changed(kind: str, project_id: str) -> Event:
    """``kind`` is ``created``, ``updated`` or ``deleted``."""
    return {"type": f"project.{kind}", "projectId": project_id}


def tag_updated(name: str) -> Event:
    """``name`` is what the tag was called before."""
    return {"type": "tag.updated", "name": name}


def conversation_created() -> Event:
    return {"type": "conversation.created"}


def conversation_updated(fields: Iterable[str]) -> Event:
    """``fields`` have the API's names."""
    return {"type": "conversation.updated", "fields": sorted(fields)}


def conversation_deleted() -> Event:
    return {"type": "conversation.deleted"}


def message_created(message_id: str) -> Event:
    return {"type": "message.created", "messageId": message_id}


def message_updated(message_id: str, *fields: str) -> Event:
    """What a reader left on a message: the conversation's own fields are unchanged."""
    return {"type": "conversation.updated", "fields": sorted(fields), "messageId": message_id}


def generation_started(message_id: str) -> Event:
    return {"type": "generation.started", "messageId": message_id}


def generation_ended(message_id: str, status: MessageStatus) -> Event:
    return {"type": "generation.ended", "messageId": message_id, "status": status.value}
