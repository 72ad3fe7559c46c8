"""The updates that append to a conversation's log, each one atomic step.

An append that was decided from a window matches only while the log is unchanged: ``messageCount`` counts every message
ever appended, so as long as it agrees, no id has been used and no child has been added since.
"""

import random
import time
from datetime import datetime

from bson import ObjectId

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, Invalid, TurnInProgress
from chatapp.models.chat_models import Message, MessageStatus, Role, Window
from chatapp.models.reasons import FaultReason
from chatapp.repositories.changes import (
    Event,
    conversation_updated,
    generation_ended,
    generation_started,
    last_change,
    message_created,
)
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import ROOT, Document, generation_document, message_document
from chatapp.repositories.limits import HARD_WINDOW_BYTES, MAX_CHILDREN, MAX_LISTED_CHILDREN, MAX_MESSAGE_BYTES
from chatapp.repositories.shown_children import way_in_window

TO_INDEX = {"isIndexed": ""}
"""Is unset by whatever adds a message or changes the title, so that search takes it in."""

_LONGEST_PAUSE = 0.02
"""Seconds between two attempts, at most."""


def time_in(window: Window) -> datetime:
    """The time for a new message: now, and never before the last activity in its conversation."""
    return max(utc_now(), window.conversation.updated_at)


def check_writable(window: Window) -> None:
    """Checks that a message can be added to the conversation now.

    Raises:
        ConversationInTrash, TurnInProgress: it cannot.
    """
    conversation = window.conversation
    if conversation.trashed_at is not None:
        raise ConversationInTrash
    if conversation.generation is not None:
        raise TurnInProgress(conversation.generation.message_id)


def check_branch(window: Window, message: Message) -> None:
    """Checks that the conversation has room for one more alternative. What has none is always accepted.

    Raises:
        Invalid: it has not, which names the field that chose the place of the message.
    """
    if not message.sibling_ids:
        return
    listed = sum(len(children) for children in window.branches.values())
    if len(message.sibling_ids) > MAX_CHILDREN or listed >= MAX_LISTED_CHILDREN:
        field = "parentId" if message.role is Role.USER else "messageId"
        sentence = "This conversation has as many alternatives as it can have. Continue without another one."
        raise Invalid.field(field, FaultReason.TOO_MANY, sentence, limit=MAX_CHILDREN)


def pause_before(attempt: int) -> None:
    """Waits a moment before each retry: the write that won can be read once a majority has it."""
    if attempt:
        time.sleep(random.uniform(0, min(_LONGEST_PAUSE, 0.001 * attempt)))  # noqa: S311 - no secret


def unchanged(window: Window) -> Document:
    """Matches the conversation if it is still as ``window`` shows it, not in the trash, and idle."""
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
    """Matches a window that can take this message without exceeding the size limit of its document.

    Raises:
        ValueError: the message is larger than any message may be.
    """
    if message.size > MAX_MESSAGE_BYTES:
        raise ValueError(f"message {message.id} has {message.size} bytes, more than {MAX_MESSAGE_BYTES}")
    return {"messages.id": {"$ne": message.id}, "windowBytes": {"$lte": HARD_WINDOW_BYTES - message.size}}


def append_update(window: Window, message: Message) -> Document:
    """Appends a message, lists it among its siblings, and makes it the active one."""
    update = _append(message, [message_created(message.id)])
    update["$set"] |= _shown(way_in_window(window, message.parent_id))
    return update


def begin_update(window: Window, message: Message | None, answer: Message, slot: int, title: str | None) -> Document:
    """Appends the user's message, if there is one, and marks the answer as being written.

    Each message names its own siblings, and is listed among them from now on.
    """
    events = [generation_started(answer.id)]
    if title is not None:
        events.append(conversation_updated(["title"]))
    if message is not None:
        update = _append(message, [message_created(message.id), *events])
    else:
        fields = {
            "activeMessageId": answer.parent_id,
            "lastChange": last_change(answer.user_id, *events),
            **_branch(answer),
        }
        update = {"$set": fields, "$max": {"updatedAt": utc_now()}}
    update["$set"] |= {"generation": generation_document(answer, slot), "unread": []}
    update["$set"] |= _shown(way_in_window(window, (message or answer).parent_id))
    if title is not None:
        update["$set"]["title"] = title
        update["$unset"] = TO_INDEX
    return update


def end_update(answer: Message) -> Document:
    """Appends the answer, makes it the active message, unread, and frees the conversation for the next turn."""
    update = _append(answer, [generation_ended(answer.id, answer.status)])
    seen = answer.status is MessageStatus.STOPPED  # by someone who was there
    update["$set"] |= {"generation": None, "unread": [] if seen else [answer.id]}
    return update


def _append(message: Message, events: list[Event]) -> Document:
    return {
        "$push": {"messages": message_document(message)},
        "$inc": {"messageCount": 1, "windowBytes": message.size},
        "$max": {"updatedAt": utc_now()},
        "$set": {
            "activeMessageId": message.id,
            "lastChange": last_change(message.user_id, *events),
            **_branch(message),
        },
        "$unset": TO_INDEX,
    }


def _branch(message: Message) -> Document:
    """Lists the children of the message's parent, if it now has several, and shows this one."""
    if len(message.sibling_ids) < 2:
        return {}
    parent = message.parent_id or ROOT
    return {f"branches.{parent}": list(message.sibling_ids), **_shown({parent: message.id})}


def _shown(way: dict[str, str]) -> Document:
    return {f"shown.{parent}": child for parent, child in way.items()}
