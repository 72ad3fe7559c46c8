"""Converts between MongoDB's documents and the dataclasses. Field names in MongoDB are camelCase."""

from collections.abc import Collection, Mapping
from typing import Any

from bson import ObjectId

from chatapp.models.chat_models import (
    Conversation,
    Feedback,
    FinishReason,
    Generation,
    Message,
    MessageError,
    MessageStatus,
    Reasoning,
    Role,
    Usage,
    Window,
)
from chatapp.repositories.limits import SHOWN_SIBLINGS

Document = dict[str, Any]
Branches = dict[str, tuple[str, ...]]

ROOT = "root"
"""The key in ``branches`` for messages without a parent; every other key is a message's id."""

HEADER = dict.fromkeys(
    (
        *("userId", "title", "model", "systemPrompt", "temperature", "maxTokens", "pinned", "archived", "tags"),
        *("temporary", "createdAt", "updatedAt", "trashedAt", "messageCount", "activeMessageId", "generation"),
        *("projectId", "topP", "readMessageId", "unread"),
    ),
    1,
)
"""The projection of a conversation without its messages. Conversations of earlier versions lack the last line."""

_ROLES = {role.value: role for role in Role}
_STATUSES = {status.value: status for status in MessageStatus}
_FINISH_REASONS = {reason.value: reason for reason in FinishReason}


def conversation_from(document: Mapping[str, Any]) -> Conversation:
    """The header of a conversation, from its document or from a projection by ``HEADER``."""
    generation, project_id = document["generation"], document.get("projectId")
    return Conversation(
        id=str(document["_id"]),
        user_id=str(document["userId"]),
        title=document["title"],
        model=document["model"],
        system_prompt=document["systemPrompt"],
        temperature=document["temperature"],
        max_tokens=document["maxTokens"],
        pinned=document["pinned"],
        archived=document["archived"],
        tags=tuple(document["tags"]),
        temporary=document["temporary"],
        created_at=document["createdAt"],
        updated_at=document["updatedAt"],
        trashed_at=document["trashedAt"],
        message_count=document["messageCount"],
        active_message_id=document["activeMessageId"],
        generation=generation_from(generation) if generation else None,
        project_id=str(project_id) if project_id else None,
        top_p=document.get("topP"),
        read_message_id=document.get("readMessageId"),
        unread=bool(document.get("unread")),
    )


def conversation_document(conversation: Conversation) -> Document:
    """The document of a new conversation, without messages."""
    return {
        "_id": ObjectId(conversation.id),
        "userId": ObjectId(conversation.user_id),
        "title": conversation.title,
        "model": conversation.model,
        "systemPrompt": conversation.system_prompt,
        "temperature": conversation.temperature,
        "maxTokens": conversation.max_tokens,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "tags": list(conversation.tags),
        "temporary": conversation.temporary,
        "createdAt": conversation.created_at,
        "updatedAt": conversation.updated_at,
        "trashedAt": None,
        "messageCount": 0,
        "activeMessageId": None,
        "generation": None,
        "projectId": ObjectId(conversation.project_id) if conversation.project_id else None,
        "topP": conversation.top_p,
        "readMessageId": conversation.read_message_id,
        "unread": [],  # the answer that its owner has not read, if there is one: $pull takes out exactly that one
        "pagedCount": 0,
        "windowBytes": 0,
        "branches": {},
        "shown": {},
        "edits": 0,
        "messages": [],
    }


def window_from(document: Mapping[str, Any]) -> Window:
    """A conversation and its newest messages, from its whole document."""
    conversation = conversation_from(document)
    stars = frozenset(document.get("stars", ()))
    branches = {parent: tuple(children) for parent, children in document["branches"].items()}
    return Window(
        conversation=conversation,
        messages=tuple(message_from(one, conversation, branches, stars) for one in document["messages"]),
        paged_count=document["pagedCount"],
        byte_count=document["windowBytes"],
        branches=branches,
        shown=document.get("shown", {}),
        stars=stars,
    )


def message_from(document: Document, conversation: Conversation, branches: Branches, stars: Collection[str]) -> Message:
    """A message as a window or a page holds it, with the siblings that ``branches`` lists."""
    usage, error, feedback = document.get("usage"), document.get("error"), document.get("feedback")
    parent_id, reasoning = document["parentId"], document.get("reasoning")
    return Message(
        id=document["id"],
        user_id=conversation.user_id,
        conversation_id=conversation.id,
        parent_id=parent_id,
        role=_ROLES[document["role"]],
        content=document["content"],
        status=_STATUSES[document["status"]],
        created_at=document["createdAt"],
        model=document.get("model"),
        usage=Usage(usage["promptTokens"], usage["completionTokens"]) if usage else None,
        finish_reason=_FINISH_REASONS.get(document.get("finishReason", "")),
        reasoning=Reasoning(reasoning["text"], reasoning.get("ms")) if reasoning else None,
        error=MessageError(error["code"], error["message"], error.get("refused", False)) if error else None,
        feedback=Feedback(feedback) if feedback else None,
        comment=document.get("comment"),
        starred=document["id"] in stars,
        edit_of=document.get("editOf"),
        edited=document.get("edited", "editOf" in document),
        continues=document.get("continues"),
        sibling_ids=_around(branches.get(parent_id or ROOT, ()), document["id"]) if branches else (),
    )


def _around(siblings: tuple[str, ...], message_id: str) -> tuple[str, ...]:
    """The siblings next to the message, itself included: each leads to the ones beyond."""
    place = siblings.index(message_id) if message_id in siblings else len(siblings)
    first = max(0, min(place - SHOWN_SIBLINGS // 2, len(siblings) - SHOWN_SIBLINGS))
    return siblings[first : first + SHOWN_SIBLINGS]


def message_document(message: Message) -> Document:
    """A message as stored in the log: owner and conversation are fields of the enclosing document."""
    usage, reasoning, error = message.usage, message.reasoning, message.error
    required: Document = {
        "id": message.id,
        "parentId": message.parent_id,
        "role": message.role.value,
        "content": message.content,
        "status": message.status.value,
        "createdAt": message.created_at,
    }
    optional = {
        "model": message.model,
        "usage": usage and {"promptTokens": usage.prompt_tokens, "completionTokens": usage.completion_tokens},
        "finishReason": message.finish_reason and message.finish_reason.value,
        "reasoning": reasoning and {"text": reasoning.text, "ms": reasoning.ms},
        "error": error and {"code": str(error.code), "message": error.message, "refused": error.refused or None},
        "feedback": message.feedback and message.feedback.value,
        "comment": message.comment,
        "editOf": message.edit_of,
        "edited": message.edited or None,
        "continues": message.continues,
    }
    return {**required, **_without_none(optional)}


def _without_none(fields: Document) -> Document:
    """Without what is ``None``, also one level down."""
    present = {name: value for name, value in fields.items() if value is not None}
    return {name: _without_none(value) if isinstance(value, dict) else value for name, value in present.items()}


def size_of(document: Mapping[str, Any]) -> int:
    """``Message.size`` of a stored message."""
    return len(document["content"].encode()) + len(document.get("reasoning", {}).get("text", "").encode())


def generation_from(document: Mapping[str, Any]) -> Generation:
    return Generation(
        message_id=document["messageId"],
        parent_id=document["parentId"],
        model=document["model"],
        started_at=document["startedAt"],
        slot=document["slot"],
        continues=document.get("continues"),
    )


def generation_document(answer: Message, slot: int) -> Document:
    """The note, on its conversation, of an answer being written."""
    document = {
        "messageId": answer.id,
        "parentId": answer.parent_id,
        "model": answer.model or "",
        "startedAt": answer.created_at,
        "slot": slot,
    }
    return {**document, "continues": answer.continues} if answer.continues else document
