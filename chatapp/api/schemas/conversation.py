"""Conversations as clients see them, and what clients may say about them."""

from typing import Any

from marshmallow import fields, validate

from chatapp.api.schemas.base import ApiSchema, PageArgs, WrittenSchema, page_schema
from chatapp.api.schemas.examples import ANSWER_ID, CONVERSATION_ID, CREATED_AT, MODEL, QUESTION, SEEN_AT, USER_ID
from chatapp.api.schemas.fields import (
    Count,
    Data,
    Flag,
    InputField,
    Moment,
    Number,
    QueryFlag,
    Whole,
    described,
    rfc3339,
    wrong_type,
)
from chatapp.api.schemas.text_fields import MODEL_CHARS, ConversationKey, Line, MessageId, Text
from chatapp.models.chat_models import MOST_TAGS, Conversation
from chatapp.models.reasons import Fault, FaultReason

TITLE_CHARS = 200
SYSTEM_PROMPT_CHARS = 20_000
TAG_CHARS = 50
MOST_TOKENS = 1_000_000
ID_CHARS = 100


class Tags(InputField, fields.List[str]):
    """A conversation's tags, each once, in the order given."""

    default_error_messages = wrong_type("a list")

    def __init__(self) -> None:
        super().__init__(Line(most=TAG_CHARS), validate=Count(max=MOST_TAGS), metadata={"example": ["physics"]})

    def _deserialize(self, value: Any, attr: str | None, data: Data, **kwargs: Any) -> Any:
        return tuple(dict.fromkeys(super()._deserialize(value, attr, data, **kwargs)))


def title_field() -> Line:
    return Line(most=TITLE_CHARS, metadata={"example": QUESTION})


def model_field() -> Line:
    return Line(
        most=MODEL_CHARS,
        allow_none=True,
        metadata=described("One of `GET /api/models`; null is that of the project, or else the default.", None),
    )


def system_prompt_field() -> Text:
    return Text(
        most=SYSTEM_PROMPT_CHARS,
        allow_none=True,
        metadata=described(
            "What the model is told before the conversation; null: what its project says.", "Answer in one sentence."
        ),
    )


def project_field() -> Text:
    return Text(most=ID_CHARS, allow_none=True, metadata=described("One of your projects; null for none.", None))


class NewConversationSchema(ApiSchema):
    """What a new conversation begins with; all of it may be left out."""

    example = {"title": QUESTION, "tags": ["physics"]}

    title = title_field()
    model = model_field()
    system_prompt = system_prompt_field()
    project_id = project_field()
    tags = Tags()
    temporary = Flag(metadata=described("In no list, and deleted a day after it was last used.", False))
    key = ConversationKey()


class ForkSchema(ApiSchema):
    """Where the new conversation ends."""

    example = {"messageId": ANSWER_ID}

    message_id = MessageId(required=True, metadata=described("A message of this conversation.", ANSWER_ID))
    key = ConversationKey()


class ConversationUpdateSchema(ApiSchema):
    """What is to be changed; what is left out stays. None of it counts as activity."""

    example = {"title": QUESTION, "pinned": True, "tags": ["physics"]}

    title = title_field()
    pinned = Flag(metadata={"example": True})
    archived = Flag(metadata={"example": False})
    tags = Tags()
    project_id = project_field()
    model = model_field()
    system_prompt = system_prompt_field()
    temperature = Number(least=0, most=2, allow_none=True, metadata=described("Null: the model's default.", 0.7))
    top_p = Number(least=0, most=1, allow_none=True, metadata=described("Null: the model's default.", 0.9))
    max_tokens = Whole(
        least=1,
        most=MOST_TOKENS,
        allow_none=True,
        metadata=described("How long an answer may be; null: as long as the model allows.", 1000),
    )
    active_message_id = MessageId(
        metadata=described(
            "A message of this conversation: the branch through it is shown, to the end that was "
            "written last. One of `siblingIds` leads to another branch.",
            ANSWER_ID,
        )
    )
    read_message_id = MessageId(
        metadata=described(
            "Where you stopped reading. If it is the newest answer, the conversation is no longer `unread`.", ANSWER_ID
        )
    )
    temporary = Flag(
        validate=validate.Equal(False, error=Fault(FaultReason.UNKNOWN_VALUE, "This can only be false.")),
        metadata=described("`false`: keep it.", False),
    )


class ConversationListArgs(PageArgs):
    """Which of one's conversations, and which part of the list."""

    archived = QueryFlag(metadata=described("Left out: only what is not archived; in the trash, both."))
    tag = Line(most=TAG_CHARS, metadata=described("Only those with this tag."))
    project_id = Text(
        most=ID_CHARS, metadata=described("Only those in this project; `none`: only those in no project.")
    )
    trashed = QueryFlag(load_default=False, metadata=described("`true`: what is in the trash, and only that."))


class DeletionArgs(ApiSchema):
    """How to delete."""

    permanent = QueryFlag(load_default=False, metadata=described("`true`: for good, not into the trash."))


class GenerationSchema(ApiSchema):
    """An answer being written."""

    message_id = fields.String(required=True, metadata={"example": ANSWER_ID})
    started_at = Moment(required=True, metadata={"example": CREATED_AT})


class ConversationSchema(WrittenSchema):
    """A conversation without its messages."""

    id = fields.String(required=True, metadata={"example": CONVERSATION_ID})
    user_id = fields.String(required=True, metadata={"example": USER_ID})
    title = fields.String(required=True, metadata={"example": QUESTION})
    model = fields.String(required=True, allow_none=True, metadata={"example": MODEL})
    system_prompt = fields.String(required=True, allow_none=True, metadata={"example": "Answer in one sentence."})
    temperature = fields.Float(required=True, allow_none=True, metadata={"example": 0.7})
    project_id = fields.String(required=True, allow_none=True, metadata={"example": None})
    top_p = fields.Float(required=True, allow_none=True, metadata={"example": 0.9})
    max_tokens = fields.Integer(required=True, allow_none=True, metadata={"example": 1000})
    pinned = fields.Boolean(required=True, metadata={"example": False})
    archived = fields.Boolean(required=True, metadata={"example": False})
    tags = fields.List(fields.String(), required=True, metadata={"example": ["physics"]})
    temporary = fields.Boolean(required=True, metadata={"example": False})
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    updated_at = Moment(
        required=True, metadata=described("The last activity; renaming and pinning do not count.", SEEN_AT)
    )
    trashed_at = Moment(required=True, allow_none=True, metadata={"example": None})
    message_count = fields.Integer(required=True, metadata=described("All messages, in every branch.", 2))
    active_message_id = fields.String(
        required=True, allow_none=True, metadata=described("The message that the shown branch ends with.", ANSWER_ID)
    )
    generation = fields.Nested(GenerationSchema, required=True, allow_none=True)
    read_message_id = fields.String(
        required=True, allow_none=True, metadata=described("Where you stopped reading, on whichever device.", ANSWER_ID)
    )
    unread = fields.Boolean(
        required=True,
        metadata=described("Whether the newest answer has ended since you last asked or read here.", False),
    )

    @staticmethod
    def written(conversation: Conversation) -> dict[str, Any]:
        running, trashed_at = conversation.generation, conversation.trashed_at
        return {
            "id": conversation.id,
            "userId": conversation.user_id,
            "title": conversation.title,
            "model": conversation.model,
            "systemPrompt": conversation.system_prompt,
            "projectId": conversation.project_id,
            "temperature": conversation.temperature,
            "topP": conversation.top_p,
            "maxTokens": conversation.max_tokens,
            "pinned": conversation.pinned,
            "archived": conversation.archived,
            "tags": list(conversation.tags),
            "temporary": conversation.temporary,
            "createdAt": rfc3339(conversation.created_at),
            "updatedAt": rfc3339(conversation.updated_at),
            "trashedAt": rfc3339(trashed_at) if trashed_at else None,
            "messageCount": conversation.message_count,
            "activeMessageId": conversation.active_message_id,
            "generation": running and {"messageId": running.message_id, "startedAt": rfc3339(running.started_at)},
            "readMessageId": conversation.read_message_id,
            "unread": conversation.unread,
        }


ConversationPageSchema = page_schema(ConversationSchema)
