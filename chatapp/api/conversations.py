"""Conversations and their messages; everything except chatting with a model."""

from __future__ import annotations

from typing import Any

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.etags import MalformedHeader, only_if, tagged
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.base import MessagePageArgs
from chatapp.api.schemas.conversation import (
    ConversationChangeSchema,
    ConversationListArgs,
    ConversationPageSchema,
    ConversationSchema,
    DeletionArgs,
    NewConversationSchema,
)
from chatapp.api.schemas.message import FeedbackSchema, MessagePageSchema, MessageSchema, NewMessageSchema
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import (
    ConversationInTrash,
    ConversationNotFound,
    Invalid,
    MessageIdTaken,
    MessageNotFound,
    NotOwner,
    PreconditionFailed,
    TurnInProgress,
)
from chatapp.models.chat_models import Conversation, Message, Page

blueprint = ApiBlueprint(
    "conversations", __name__, url_prefix="/api/conversations", description="Conversations and their messages"
)

_conversation_schema = ConversationSchema()
_message_schema = MessageSchema()

_READING = (ConversationNotFound, NotOwner)
_WRITING = (*_READING, ConversationInTrash)
_RUNNING = {"TurnInProgress": {"messageId": "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"}}


@blueprint.route("/", methods=["POST"])
@signed_in
@may_fail(Invalid, ConversationNotFound)
@blueprint.arguments(NewConversationSchema, required=False)
@blueprint.response(201, ConversationSchema)
def create(body: dict[str, Any]) -> Conversation:
    """Begin a conversation."""
    return container().conversations.create(current_user_id(), **body)


@blueprint.route("/", methods=["GET"])
@signed_in
@may_fail(Invalid)
@blueprint.arguments(ConversationListArgs, location="query")
@blueprint.response(200, ConversationPageSchema)
def list_own(args: dict[str, Any]) -> Page[Conversation]:
    """List one's own conversations: pinned first, then newest activity first."""
    return container().conversations.list(current_user_id(), **args)


@blueprint.route("/<conversation_id>", methods=["GET"])
@signed_in
@may_fail(*_READING, MalformedHeader, PreconditionFailed)
@tagged
@blueprint.response(200, ConversationSchema)
def read(conversation_id: str) -> Conversation:
    """Read a conversation, without its messages."""
    return container().conversations.get(current_user_id(), conversation_id)


@blueprint.route("/<conversation_id>", methods=["PATCH"])
@signed_in
@may_fail(*_WRITING, TurnInProgress, Invalid, MalformedHeader, PreconditionFailed, examples=_RUNNING)
@blueprint.arguments(ConversationChangeSchema)
@tagged
@blueprint.response(200, ConversationSchema)
def change(body: dict[str, Any], conversation_id: str) -> Conversation:
    """Change a conversation: its name, its place in the lists, its settings, or which branch is shown."""
    return container().conversations.update(
        current_user_id(), conversation_id, body, only_if=only_if(_conversation_schema)
    )


@blueprint.route("/<conversation_id>", methods=["DELETE"])
@signed_in
@may_fail(*_READING)
@blueprint.arguments(DeletionArgs, location="query")
@blueprint.response(204)
def delete(args: dict[str, Any], conversation_id: str) -> None:
    """Put a conversation into the trash, or delete it for good."""
    container().conversations.delete(current_user_id(), conversation_id, **args)


@blueprint.route("/<conversation_id>/restore", methods=["POST"])
@signed_in
@may_fail(*_READING)
@blueprint.response(200, ConversationSchema)
def restore(conversation_id: str) -> Conversation:
    """Take a conversation out of the trash."""
    return container().conversations.restore(current_user_id(), conversation_id)


@blueprint.route("/<conversation_id>/messages", methods=["GET"])
@signed_in
@may_fail(*_READING, Invalid)
@blueprint.arguments(MessagePageArgs, location="query")
@blueprint.response(200, MessagePageSchema)
def list_messages(args: dict[str, Any], conversation_id: str) -> Page[Message]:
    """Read the shown branch: the newest page first, inside a page the oldest message first."""
    return container().conversations.messages(current_user_id(), conversation_id, **args)


@blueprint.route("/<conversation_id>/messages", methods=["POST"])
@signed_in
@may_fail(*_WRITING, TurnInProgress, MessageIdTaken, Invalid, examples=_RUNNING)
@blueprint.arguments(NewMessageSchema)
@blueprint.response(201, MessageSchema)
def save_message(body: dict[str, Any], conversation_id: str) -> Message:
    """Save a message of one's own without asking the model. The same message sent again is saved once."""
    return container().conversations.save_message(current_user_id(), conversation_id, **body)


@blueprint.route("/<conversation_id>/messages/<message_id>", methods=["GET"])
@signed_in
@may_fail(*_READING, MessageNotFound, MalformedHeader, PreconditionFailed)
@tagged
@blueprint.response(200, MessageSchema)
def read_message(conversation_id: str, message_id: str) -> Message:
    """Read one message. An answer that is being written comes with its text so far, and `streaming` as its status."""
    return container().conversations.message(current_user_id(), conversation_id, message_id.lower())


@blueprint.route("/<conversation_id>/messages/<message_id>", methods=["PATCH"])
@signed_in
@may_fail(*_WRITING, TurnInProgress, MessageNotFound, MalformedHeader, PreconditionFailed, examples=_RUNNING)
@blueprint.arguments(FeedbackSchema)
@tagged
@blueprint.response(200, MessageSchema)
def change_message(body: dict[str, Any], conversation_id: str, message_id: str) -> Message:
    """Give feedback on a message, or remove it."""
    return container().conversations.set_feedback(
        current_user_id(), conversation_id, message_id.lower(), body["feedback"], only_if=only_if(_message_schema)
    )
