"""The events of the event streams.

OpenAPI 3.1 cannot say what a stream consists of. So the schema of a ``text/event-stream`` is text, which is what a
client that knows no events reads, or one event: its fields by the WHATWG HTML standard (section 9.2), with JSON as
``data``. OpenAPI 3.2 would say the latter with ``itemSchema``.
"""

import json
from collections.abc import Mapping
from typing import Any

from apispec import APISpec
from marshmallow import fields

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.chat import TurnSchema
from chatapp.api.schemas.examples import ANSWER_ID, CONVERSATION_ID, PROJECT_ID, QUESTION
from chatapp.api.schemas.fields import Choice, described
from chatapp.api.schemas.message import MessageSchema
from chatapp.models.chat_models import MessageStatus


class LastEventId(ApiSchema):
    """Where a stream that broke off goes on."""

    last_event_id = fields.String(
        data_key="Last-Event-ID", metadata=described("The `id` of the last event that was received.")
    )


class ShownUser(ApiSchema):
    """For whom the client listens."""

    user = fields.String(metadata=described("Like `Chatapp-User`, for clients that cannot set headers."))


class StartDataSchema(TurnSchema):
    """An answer begins. Both messages are stored; the user's is null where another answer to it is written."""


class DeltaDataSchema(ApiSchema):
    """New text. The event's `id` is the length of the answer with it, in UTF-16 code units."""

    text = fields.String(required=True, metadata={"example": "Sunlight "})


class ReasoningDataSchema(ApiSchema):
    """New reasoning. It comes before the answer's text, and is not counted in ids.

    Whoever joins hears it again, so it is put in place from `at` on.
    """

    text = fields.String(required=True, metadata={"example": "The person asks "})
    at = fields.Integer(
        required=True, metadata=described("Where it begins in all of the reasoning, in UTF-16 code units.", 0)
    )


class TitleDataSchema(ApiSchema):
    """The conversation got a title."""

    title = fields.String(required=True, metadata={"example": QUESTION})


class EndDataSchema(ApiSchema):
    """The answer as it is stored: `complete`, `stopped`, `interrupted` or `error`. Nothing comes after it."""

    assistant_message = fields.Nested(MessageSchema, required=True)


class ReadyDataSchema(ApiSchema):
    """Every later change will be told. With `lost`, an earlier one was not: read the lists again."""

    lost = fields.Boolean(required=True, metadata={"example": False})


class ConversationCreatedDataSchema(ApiSchema):
    """A conversation was created."""

    conversation_id = fields.String(required=True, metadata={"example": CONVERSATION_ID})


class ConversationUpdatedDataSchema(ConversationCreatedDataSchema):
    """A conversation, or the feedback on one of its messages (then with `messageId`), was changed."""

    fields_ = fields.List(
        fields.String(),
        required=True,
        data_key="fields",
        metadata=described("What was changed, as the API names it.", ["title"]),
    )
    message_id = fields.String(metadata={"example": ANSWER_ID})


class ConversationDeletedDataSchema(ConversationCreatedDataSchema):
    """A conversation was deleted for good."""


class MessageCreatedDataSchema(ConversationCreatedDataSchema):
    """A message was stored."""

    message_id = fields.String(required=True, metadata={"example": ANSWER_ID})


class GenerationStartedDataSchema(MessageCreatedDataSchema):
    """An answer is being written."""


class GenerationEndedDataSchema(MessageCreatedDataSchema):
    """An answer is written, or has failed."""

    status = Choice(MessageStatus, required=True)


class ProjectCreatedDataSchema(ApiSchema):
    """A project was created."""

    project_id = fields.String(required=True, metadata={"example": PROJECT_ID})


class ProjectUpdatedDataSchema(ProjectCreatedDataSchema):
    """A project was renamed, or got another system prompt or model."""


class ProjectDeletedDataSchema(ProjectCreatedDataSchema):
    """A project was deleted."""


class TagUpdatedDataSchema(ApiSchema):
    """A tag was renamed, coloured or deleted. Its conversations have events of their own."""

    name = fields.String(required=True, metadata=described("What the tag was called before.", "physics"))


TURN_EVENTS: Mapping[str, type[ApiSchema]] = {
    "start": StartDataSchema,
    "reasoning": ReasoningDataSchema,
    "delta": DeltaDataSchema,
    "title": TitleDataSchema,
    "end": EndDataSchema,
}
CHANGE_EVENTS: Mapping[str, type[ApiSchema]] = {
    "ready": ReadyDataSchema,
    "conversation.created": ConversationCreatedDataSchema,
    "conversation.updated": ConversationUpdatedDataSchema,
    "conversation.deleted": ConversationDeletedDataSchema,
    "message.created": MessageCreatedDataSchema,
    "generation.started": GenerationStartedDataSchema,
    "generation.ended": GenerationEndedDataSchema,
    "project.created": ProjectCreatedDataSchema,
    "project.updated": ProjectUpdatedDataSchema,
    "project.deleted": ProjectDeletedDataSchema,
    "tag.updated": TagUpdatedDataSchema,
}


def stream_of(union: str) -> dict[str, Any]:
    """The schema of a stream of the events that ``union`` names."""
    return {"anyOf": [{"type": "string"}, {"$ref": f"#/components/schemas/{union}"}]}


def event_example(name: str, data: Mapping[str, object], **more: str) -> dict[str, Any]:
    """One event of a stream, as the documentation shows it."""
    return {"value": {"event": name, **more, "data": json.dumps(data, separators=(",", ":"))}}


def register_events(spec: APISpec, union: str, events: Mapping[str, type[ApiSchema]]) -> None:
    """Adds a schema for each event (``StartEvent``), for its data (``StartData``), and ``union`` for any of them."""
    names = {event: "".join(word.capitalize() for word in event.split(".")) for event in events}
    for event, data in events.items():
        spec.components.schema(f"{names[event]}Data", schema=data)
        spec.components.schema(f"{names[event]}Event", _event(event, f"{names[event]}Data", data.__doc__ or ""))
    references = [{"$ref": f"#/components/schemas/{name}Event"} for name in names.values()]
    spec.components.schema(union, {"oneOf": references, "description": "One event of the stream."})


def _event(event: str, data: str, description: str) -> dict[str, Any]:
    return {
        "type": "object",
        "description": description,
        "required": ["event", "data"],
        "properties": {
            "event": {"type": "string", "const": event},
            "data": {
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": {"$ref": f"#/components/schemas/{data}"},
                "description": f"JSON: a `{data}`.",
            },
            "id": {"type": "string", "description": "The place in the stream; sent back as `Last-Event-ID`."},
        },
    }
