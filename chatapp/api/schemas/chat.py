"""Chat sessions, turns, and where to listen from."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.fields import ConversationKey, Flag, Line, MessageId, QueryWhole, Text, Uuid
from chatapp.api.schemas.message import MessageSchema

SYSTEM_PROMPT_CHARS = 20_000
MODEL_CHARS = 200


class StartChatSchema(ApiSchema):
    """A session on one of one's own conversations, or on a new one."""

    conversation_id = Text(
        allow_none=True,
        load_default=None,
        most=100,
        metadata={"description": "One of your own; left out for a new one.", "example": "66f1c0ffee15c0ffee15c0de"},
    )
    model = Line(most=MODEL_CHARS, allow_none=True, load_default=None)
    system_prompt = Text(most=SYSTEM_PROMPT_CHARS, allow_none=True, load_default=None)
    temporary = Flag(load_default=False)
    key = ConversationKey()

    @validates_schema
    def _new_only(self, data: dict[str, Any], **_: Any) -> None:
        """A conversation that exists keeps what it was given; ``PATCH`` changes it."""
        if data.get("conversation_id") is None:
            return
        for name, left_out in (("model", None), ("system_prompt", None), ("temporary", False), ("key", None)):
            if data.get(name) != left_out:
                raise ValidationError(
                    "This can be given for a new conversation only.", self.fields[name].data_key or name
                )


class ChatSessionSchema(ApiSchema):
    """A client's handle on a conversation. It ends after 30 days without use."""

    session_id = fields.String(required=True, attribute="id", metadata={"example": "66f1c0ffee15c0ffee15c0df"})
    conversation_id = fields.String(required=True, metadata={"example": "66f1c0ffee15c0ffee15c0de"})


class RegenerateSchema(ApiSchema):
    """Which answer to write another one beside."""

    message_id = MessageId(required=True, metadata={"description": "An answer in this conversation."})
    id = Uuid(
        load_default=None,
        metadata={"description": "The id of the new answer, made by the client: the same id makes no second one."},
    )


class TurnSchema(ApiSchema):
    """A turn: the user's message (null where one is answered once more) and the answer as it is stored."""

    user_message = fields.Nested(MessageSchema, required=True, allow_none=True)
    assistant_message = fields.Nested(MessageSchema, required=True)


class ListenArgs(ApiSchema):
    """From where to go on."""

    after = QueryWhole(
        least=0,
        load_default=None,
        metadata={"description": "As `Last-Event-ID`, for clients that cannot set headers."},
    )
    message_id = MessageId(
        load_default=None,
        metadata={"description": "The answer that the place counts in. Another one is told from its beginning."},
    )
