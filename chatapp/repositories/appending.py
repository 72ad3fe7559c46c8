"""The updates that append to a conversation's log, each one atomic step.

An append decided from a window matches only while the log is as it was read: ``messageCount`` counts every message
ever appended, so where it still agrees, no id has been used and no child been added since.
"""

from __future__ import annotations

import random
import time

from bson import ObjectId

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, TurnInProgress
from chatapp.models.chat_models import Message, Window
from chatapp.repositories.changes import (
    Change,
    conversation_updated,
    generation_ended,
    generation_started,
    last_change,
    message_created,
)
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import ROOT, Document, generation_document, message_document
from chatapp.repositories.limits import HARD_WINDOW_BYTES, MAX_MESSAGE_BYTES

_LONGEST_PAUSE = 0.02
"""Seconds."""


def check_writable(window: Window) -> None:
    """Lets pass a conversation that takes a message.

    Raises:
        ConversationInTrash, TurnInProgress: it does not.
    """
    conversation = window.conversation
    if conversation.trashed_at is not None:
        raise ConversationInTrash
    if conversation.generation is not None:
        raise TurnInProgress(conversation.generation.message_id)


def pause_before(attempt: int) -> None:
    """Before every attempt but the first: what beat this one can be read once a majority has it."""
    if attempt:
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.001 * attempt)))  # noqa: S311 - no secret


def unchanged(window: Window) -> Document:
    """Matches the conversation while it is as ``window`` shows it, out of the trash, and no answer is being written."""
    conversation = window.conversation
    return {
        "_id": ObjectId(conversation.id),
        "userId": ObjectId(conversation.user_id),
        "trashedAt": None,
        "generation": None,
        "messageCount": conversation.message_count,
        "activeMessageId": conversation.active_message_id,
        **NOT_PURGED,
    }


def room_for(message: Message) -> Document:
    """Matches a window that can take this message without its document growing beyond its bound.

    Raises:
        ValueError: the message is larger than a message can be.
    """
    if message.size > MAX_MESSAGE_BYTES:
        raise ValueError(f"message {message.id} has {message.size} bytes, more than {MAX_MESSAGE_BYTES}")
    return {"messages.id": {"$ne": message.id}, "windowBytes": {"$lte": HARD_WINDOW_BYTES - message.size}}


def message_appended(message: Message) -> Document:
    """Appends a message, among the siblings that it names, and shows it."""
    return _appended(message, [message_created(message.id)])


def turn_begun(message: Message | None, answer: Message, slot: int, title: str | None) -> Document:
    """Claims the answer's place after appending the user's message, if there is one."""
    changes = [generation_started(answer.id)]
    if title is not None:
        changes.append(conversation_updated(["title"]))
    if message is not None:
        update = _appended(message, [message_created(message.id), *changes])
    else:
        fields = {
            "activeMessageId": answer.parent_id,
            "updatedAt": utc_now(),
            "lastChange": last_change(answer.user_id, *changes),
            **_branch(answer),
        }
        update = {"$set": fields}
    update["$set"]["generation"] = generation_document(answer, slot)
    if title is not None:
        update["$set"]["title"] = title
    return update


def turn_ended(answer: Message) -> Document:
    """Appends the answer, shows it, and frees the conversation for the next turn."""
    update = _appended(answer, [generation_ended(answer.id, answer.status)])
    update["$set"]["generation"] = None
    return update


def _appended(message: Message, changes: list[Change]) -> Document:
    return {
        "$push": {"messages": message_document(message)},
        "$inc": {"messageCount": 1, "windowBytes": message.size},
        "$set": {
            "activeMessageId": message.id,
            "updatedAt": utc_now(),
            "lastChange": last_change(message.user_id, *changes),
            **_branch(message),
        },
    }


def _branch(message: Message) -> Document:
    """Lists the children of the message's parent, if it now has several."""
    if len(message.sibling_ids) < 2:
        return {}
    return {f"branches.{message.parent_id or ROOT}": list(message.sibling_ids)}
