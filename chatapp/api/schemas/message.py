"""Messages as clients see them."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from chatapp.api.schemas.base import ApiSchema, MessagePageArgs, PageArgs, WrittenSchema, limit_field, page_schema
from chatapp.api.schemas.examples import (
    ANSWER,
    ANSWER_ID,
    CONVERSATION_ID,
    CREATED_AT,
    MODEL,
    OTHER_ANSWER_ID,
    QUESTION,
    QUESTION_ID,
    SEEN_AT,
    USER_ID,
)
from chatapp.api.schemas.fields import Choice, Flag, Moment, described, rfc3339
from chatapp.api.schemas.text_fields import MODEL_CHARS, Content, Line, MessageId, Text, Uuid
from chatapp.models.chat_models import Author, Feedback, FinishReason, Message, MessageStatus, Role, Twig
from chatapp.models.reasons import Fault, FaultReason

COMMENT_CHARS = 2_000
SHOWN_FINISH_REASONS = (FinishReason.STOP, FinishReason.LENGTH, FinishReason.CONTENT_FILTER)


def turn_model_field() -> Line:
    return Line(
        most=MODEL_CHARS,
        allow_none=True,
        metadata=described(
            "One of `GET /api/models` that answers this once; null or left out is the conversation's.", None
        ),
    )


ANSWERS_ARE_EDITED = {
    "if": {"required": ["role"], "properties": {"role": {"const": "assistant"}}},
    "then": {"required": ["editOf"], "properties": {"editOf": {"type": "string"}}},
}
"""``_answers_are_edited`` as JSON Schema."""


class NewTurnSchema(ApiSchema):
    """A user's message. ``id`` makes it safe to send again: what is stored already is answered from the store."""

    example = {"content": QUESTION}

    content = Content(required=True, metadata={"example": QUESTION})
    id = Uuid(metadata=described("Made by the client; the same id never becomes a second message.", QUESTION_ID))
    parent_id = MessageId(
        allow_none=True,
        metadata=described(
            "The message that this one follows; left out, it follows the one shown last. "
            "Null begins the conversation anew, beside its first message.",
            None,
        ),
    )
    edit_of = MessageId(
        metadata=described(
            "A message that this one is an edit of. It takes its place, beside it; `parentId` is not looked at.",
            OTHER_ANSWER_ID,
        )
    )
    model = turn_model_field()


class NewMessageSchema(NewTurnSchema):
    """A message of a person that is saved without asking the model."""

    class Meta:
        exclude = ("model",)

    role = Choice(Author, metadata=described("`assistant` for an answer that was edited by hand.", "user"))

    @validates_schema
    def _answers_are_edited(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("role") is Author.ASSISTANT and "edit_of" not in data:
            raise ValidationError(Fault(FaultReason.REQUIRED, "An answer can only be an edit of another."), "editOf")


class MessageUpdateSchema(ApiSchema):
    """What a reader leaves on a message; what is left out stays."""

    example = {"feedback": "up", "starred": True}

    feedback = Choice(Feedback, allow_none=True, metadata=described("Null removes it."))
    comment = Text(
        least=1,
        most=COMMENT_CHARS,
        allow_none=True,
        metadata=described("What is good or bad about it; null removes it.", "Short and right."),
    )
    starred = Flag(metadata={"example": True})


class UsageSchema(ApiSchema):
    """What a turn cost, in tokens, as the provider counted them."""

    prompt_tokens = fields.Integer(required=True, metadata={"example": 24})
    completion_tokens = fields.Integer(required=True, metadata={"example": 3})


class ReasoningSchema(ApiSchema):
    """What the model thought before it answered. It is no part of the answer."""

    text = fields.String(required=True, metadata={"example": "The person asks about the sky."})
    ms = fields.Integer(metadata=described("How long it took, in milliseconds, where known.", 900))


class MessageErrorSchema(ApiSchema):
    """Why an answer failed."""

    code = fields.String(required=True, metadata=described("For programs.", "timeout"))
    message = fields.String(
        required=True,
        metadata=described("A sentence for a person.", "The model provider failed. Try again in a moment."),
    )


class MessageSchema(WrittenSchema):
    """One message."""

    id = fields.String(required=True, metadata={"example": ANSWER_ID})
    user_id = fields.String(required=True, metadata={"example": USER_ID})
    conversation_id = fields.String(required=True, metadata={"example": CONVERSATION_ID})
    parent_id = fields.String(required=True, allow_none=True, metadata={"example": QUESTION_ID})
    role = Choice(Role, required=True)
    content = fields.String(required=True, metadata={"example": ANSWER})
    status = Choice(MessageStatus, required=True)
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    model = fields.String(metadata=described("The model that wrote it; only in answers.", MODEL))
    usage = fields.Nested(UsageSchema)
    finish_reason = Choice(FinishReason)
    reasoning = fields.Nested(ReasoningSchema)
    error = fields.Nested(MessageErrorSchema)
    feedback = Choice(Feedback)
    comment = fields.String(metadata={"example": "Short and right."})
    starred = fields.Boolean(metadata=described("Left out if it is not.", True))
    edit_of = fields.String(
        metadata=described("The message from which a person made this one; not in a fork.", OTHER_ANSWER_ID)
    )
    edited = fields.Boolean(metadata=described("Whether a person made it from another message. Left out if not.", True))
    continues = fields.String(
        metadata=described(
            "The answer that this one goes on with: it begins with exactly that text. Not in a fork.", OTHER_ANSWER_ID
        )
    )
    sibling_ids = fields.List(
        fields.String(),
        metadata=described(
            "Where the message has alternatives: all of them in order, itself included.", [ANSWER_ID, OTHER_ANSWER_ID]
        ),
    )

    @staticmethod
    def written(message: Message) -> dict[str, Any]:
        """What a message does not have is left out, except its parent."""
        usage, reasoning, error, reason = message.usage, message.reasoning, message.error, message.finish_reason
        optional = {
            "model": message.model,
            "usage": usage and {"promptTokens": usage.prompt_tokens, "completionTokens": usage.completion_tokens},
            "finishReason": reason and reason.value if reason in SHOWN_FINISH_REASONS else None,
            "reasoning": reasoning
            and {"text": reasoning.text, **({} if reasoning.ms is None else {"ms": reasoning.ms})},
            "error": error and {"code": error.code, "message": error.message},
            "feedback": message.feedback and message.feedback.value,
            "comment": message.comment,
            "starred": message.starred or None,
            "editOf": message.edit_of,
            "edited": message.edited or None,
            "continues": message.continues,
            "siblingIds": list(message.sibling_ids) or None,
        }
        return {
            "id": message.id,
            "userId": message.user_id,
            "conversationId": message.conversation_id,
            "parentId": message.parent_id,
            "role": message.role.value,
            "content": message.content,
            "status": message.status.value,
            "createdAt": rfc3339(message.created_at),
            **{name: value for name, value in optional.items() if value is not None},
        }


class MessagePageSchema(page_schema(MessageSchema)):  # type: ignore[misc]
    """One page of a branch."""

    previous_cursor = fields.String(
        allow_none=True,
        required=True,
        metadata=described("Leads to newer messages; null where there are none, and on pages without `around`.", None),
    )


class MessageListArgs(MessagePageArgs):
    """Which part of a branch."""

    around = MessageId(
        metadata=described(
            "A message of this conversation that the page has in its middle. Then `cursor` is not looked at."
        )
    )


class TreeArgs(PageArgs):
    """Which part of the tree."""

    limit = limit_field(500, most=2000)


class TwigSchema(WrittenSchema):
    """A message's place in the tree of its conversation."""

    id = fields.String(required=True, metadata={"example": ANSWER_ID})
    parent_id = fields.String(required=True, allow_none=True, metadata={"example": QUESTION_ID})
    role = Choice(Role, required=True)
    status = Choice(MessageStatus, required=True)
    model = fields.String(required=True, allow_none=True, metadata={"example": MODEL})
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    excerpt = fields.String(required=True, metadata=described("The first 80 characters.", ANSWER))

    @staticmethod
    def written(twig: Twig) -> dict[str, Any]:
        return {
            "id": twig.id,
            "parentId": twig.parent_id,
            "role": twig.role.value,
            "status": twig.status.value,
            "model": twig.model,
            "createdAt": rfc3339(twig.created_at),
            "excerpt": twig.excerpt,
        }


class StarSchema(ApiSchema):
    """A starred message, with the title of its conversation."""

    message_id = fields.String(required=True, metadata={"example": ANSWER_ID})
    conversation_id = fields.String(required=True, metadata={"example": CONVERSATION_ID})
    title = fields.String(required=True, metadata={"example": QUESTION})
    role = Choice(Role, required=True)
    excerpt = fields.String(required=True, metadata=described("The first 200 characters.", ANSWER))
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    starred_at = Moment(required=True, metadata={"example": SEEN_AT})


StarPageSchema = page_schema(StarSchema)
TwigPageSchema = page_schema(TwigSchema)
