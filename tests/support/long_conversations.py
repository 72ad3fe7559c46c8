"""Long conversations in a moment: written into the database as years of use would have left them."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.repositories.conversation_repository import ConversationRepository

PER_PAGE = 50
Text = Callable[[int], str]


def plain(number: int) -> str:
    """A few lines with something to find them by."""
    return f"Message number {number}. " + "Some words that fill the line and a little more. " * (number % 7)


def store_conversation(
    database: Database[dict[str, Any]],
    user_id: str,
    count: int,
    *,
    title: str = "Long",
    text: Text = plain,
    model: str = "echo",
) -> str:
    """A conversation of ``count`` messages, questions and answers in turn. Returns its id."""
    conversation = ConversationRepository(database).create(user_id, title=title, model=model)
    messages = _messages(count, text)
    keys = {"userId": ObjectId(user_id), "conversationId": ObjectId(conversation.id)}
    paged = max(0, (count - 1) // PER_PAGE * PER_PAGE)
    pages = [
        {**keys, "firstPosition": first, "count": PER_PAGE, "edits": 0, **_measured(messages[first : first + PER_PAGE])}
        for first in range(0, paged, PER_PAGE)
    ]
    if pages:
        database["message_pages"].insert_many(pages)
    window = _measured(messages[paged:])
    stored = {"messages": window["messages"], "windowBytes": window["bytes"], "pagedCount": paged}
    database["conversations"].update_one(
        {"_id": ObjectId(conversation.id), "userId": ObjectId(user_id)},
        {"$set": {**stored, "messageCount": count, "activeMessageId": messages[-1]["id"]}},
    )
    return conversation.id


def _messages(count: int, text: Text) -> list[dict[str, Any]]:
    begun = utc_now() - timedelta(minutes=count)
    messages: list[dict[str, Any]] = []
    for number in range(count):
        answer = {"model": "echo"} if number % 2 else {}
        messages.append(
            {
                "id": str(uuid.uuid4()),
                "parentId": messages[-1]["id"] if messages else None,
                "role": "assistant" if number % 2 else "user",
                "content": text(number),
                "status": "complete",
                "createdAt": begun + timedelta(minutes=number),
                **answer,
            }
        )
    return messages


def _measured(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"messages": messages, "bytes": sum(len(message["content"].encode()) for message in messages)}
