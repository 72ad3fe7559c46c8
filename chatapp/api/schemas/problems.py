"""The forms of errors. ``chatapp.api.problems`` writes them, this documents them."""

from __future__ import annotations

from marshmallow import fields

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.fields import Choice
from chatapp.api.schemas.message import MessageErrorSchema, MessageSchema
from chatapp.models.failures import FailureCode
from chatapp.models.reasons import FaultReason, Reason

REQUEST_ID = {"description": "Identifies the request in the server's log.", "example": "9f86d081884c7d65"}


class ProblemSchema(ApiSchema):
    """An error."""

    code = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    status = fields.String(required=True, metadata={"description": "The name of the HTTP status."})
    message = fields.String(required=True, metadata={"description": "A sentence for people; it may be reworded."})
    reason = Choice(Reason, required=True)


class FaultSchema(ApiSchema):
    """What is wrong with one field."""

    field = fields.String(
        required=True,
        metadata={
            "description": "The path of the field, as in `tags.0`; empty for the whole body.",
            "example": "tags.0",
        },
    )
    reason = Choice(FaultReason, required=True)
    limit = fields.Float(
        metadata={
            "description": "The number that was passed: of characters, items or bytes, or the smallest or largest "
            "value.",
            "example": 50,
        }
    )


class InvalidInputProblemSchema(ProblemSchema):
    """Fields of the request are at fault."""

    errors = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={
            "description": "The faults as sentences: the place (`json`, `query`), the field, then a list of sentences."
        },
    )
    faults = fields.List(fields.Nested(FaultSchema), required=True)


class StorageFullProblemSchema(ProblemSchema):
    """Nothing more can be stored for this user until something is deleted for good."""

    stored_bytes = fields.Integer(required=True, metadata={"description": "How many bytes are stored."})
    quota_bytes = fields.Integer(required=True, metadata={"description": "How many bytes may be stored."})


class TurnInProgressProblemSchema(ProblemSchema):
    """An answer is being written in this conversation."""

    message_id = fields.String(required=True, metadata={"description": "The answer that is being written."})


class UnexpectedProblemSchema(ProblemSchema):
    """A fault of the server."""

    request_id = fields.String(required=True, metadata=REQUEST_ID)


class AnswerFailedProblemSchema(ProblemSchema):
    """The answer failed. Both messages are stored all the same."""

    reason = Choice(FailureCode, required=True)
    error = fields.Nested(MessageErrorSchema, required=True)
    user_message = fields.Nested(MessageSchema, required=True, allow_none=True)
    assistant_message = fields.Nested(MessageSchema, required=True)
    request_id = fields.String(metadata=REQUEST_ID)
