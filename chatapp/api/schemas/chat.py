"""Chat sessions, turns, and where to join an answer that is being written."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.conversation import model_field, project_field, system_prompt_field
from chatapp.api.schemas.examples import ANSWER_ID, CONVERSATION_ID, OTHER_ANSWER_ID, SESSION_ID
from chatapp.api.schemas.fields import Flag, QueryWhole, described
from chatapp.api.schemas.message import MessageSchema, turn_model_field
from chatapp.api.schemas.text_fields import ConversationKey, MessageId, Text, Uuid
from chatapp.models.reasons import Fault, FaultReason

NEW_ONLY = Fault(FaultReason.NEW_CONVERSATION_ONLY, "This can be given for a new conversation only.")


NEW_CONVERSATION_ONLY = {
    "if": {"required": ["conversationId"], "properties": {"conversationId": {"type": "string"}}},
    "then": {
        "properties": {
            "model": {"type": "null"},
            "systemPrompt": {"enum": [None, ""]},
            "projectId": {"enum": [None, ""]},
            "temporary": {"const": False},
            "idempotencyKey": {"not": {}},
        }
    },
}
"""``_new_only`` as JSON Schema."""


class ChatStartSchema(ApiSchema):
    """A session on one of one's own conversations, or on a new one."""

    example = {"systemPrompt": "Answer in one sentence."}

    conversation_id = Text(
        allow_none=True, most=100, metadata=described("One of your own; left out or null for a new one.", None)
    )
    model = model_field()
    system_prompt = system_prompt_field()
    project_id = project_field()
    temporary = Flag(metadata=described("See `createConversation`.", False))
    key = ConversationKey()

    @validates_schema
    def _new_only(self, data: dict[str, Any], **_: Any) -> None:
        """An existing conversation keeps its settings; ``PATCH`` changes them."""
        if data.get("conversation_id") is None:
            return
        for name in ("model", "system_prompt", "project_id", "temporary", "key"):
            if data.get(name):
                raise ValidationError(NEW_ONLY, self.fields[name].data_key or name)


class ChatSessionSchema(ApiSchema):
    """A client's handle on a conversation. It ends after 30 days without use."""

    session_id = fields.String(required=True, attribute="id", metadata={"example": SESSION_ID})
    conversation_id = fields.String(required=True, metadata={"example": CONVERSATION_ID})


class ContinuationSchema(ApiSchema):
    """The answer beside which to write a longer one."""

    example = {"messageId": ANSWER_ID}

    message_id = MessageId(required=True, metadata=described("An answer in this conversation.", ANSWER_ID))
    id = Uuid(
        metadata=described(
            "The id of the new answer, chosen by the client. The same id never makes a second one.", OTHER_ANSWER_ID
        )
    )


class RegenerationSchema(ContinuationSchema):
    """The answer beside which to write another one."""

    model = turn_model_field()


class TurnSchema(ApiSchema):
    """A turn: the user's message (null for another answer to an earlier one) and the answer as it is stored."""

    user_message = fields.Nested(MessageSchema, required=True, allow_none=True)
    assistant_message = fields.Nested(MessageSchema, required=True)


class JoinArgs(ApiSchema):
    """From where to go on."""

    after = QueryWhole(least=0, metadata=described("Like `Last-Event-ID`, for clients that cannot set headers."))
    reasoning_after = QueryWhole(
        least=0, metadata=described("How much of the reasoning is known already, in UTF-16 code units.")
    )
    message_id = MessageId(
        metadata=described("The answer to which `after` belongs. Any other answer is told from its beginning.")
    )
