"""The forms of errors. ``chatapp.api.problems`` writes them, this documents them."""

from marshmallow import fields

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.examples import REQUEST_ID
from chatapp.api.schemas.fields import Choice, described
from chatapp.api.schemas.message import MessageErrorSchema, MessageSchema
from chatapp.models.failures import FailureCode
from chatapp.models.reasons import FaultReason, Reason

_REQUEST_ID = described("Identifies the request in the server's log.", REQUEST_ID)


class ProblemSchema(ApiSchema):
    """An error."""

    code = fields.Integer(required=True, metadata=described("The HTTP status."))
    status = fields.String(required=True, metadata=described("The name of the HTTP status."))
    message = fields.String(required=True, metadata=described("A sentence for people; it may be reworded."))
    reason = Choice(Reason, required=True)


class FaultSchema(ApiSchema):
    """What is wrong with one field."""

    field = fields.String(
        required=True, metadata=described("The path of the field, as in `tags.0`; empty for the whole body.", "tags.0")
    )
    reason = Choice(FaultReason, required=True)
    limit = fields.Float(
        metadata=described(
            "The number that was passed: of characters, items or bytes, or the smallest or largest value.", 50
        )
    )


class InvalidInputProblemSchema(ProblemSchema):
    """Fields of the request are at fault."""

    errors = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata=described(
            "The faults as sentences: the place (`json`, `query`), the field, then a list of sentences."
        ),
    )
    faults = fields.List(fields.Nested(FaultSchema), required=True)


class StorageFullProblemSchema(ProblemSchema):
    """Nothing more can be stored for this user until something is deleted for good."""

    stored_bytes = fields.Integer(required=True, metadata=described("How many bytes are stored."))
    quota_bytes = fields.Integer(required=True, metadata=described("How many bytes may be stored."))


class TurnInProgressProblemSchema(ProblemSchema):
    """An answer is being written in this conversation."""

    message_id = fields.String(required=True, metadata=described("The answer that is being written."))


class UnexpectedProblemSchema(ProblemSchema):
    """A fault of the server."""

    request_id = fields.String(required=True, metadata=_REQUEST_ID)


class AnswerFailedProblemSchema(ProblemSchema):
    """The answer failed. Both messages are stored all the same."""

    reason = Choice(FailureCode, required=True)
    error = fields.Nested(MessageErrorSchema, required=True)
    user_message = fields.Nested(MessageSchema, required=True, allow_none=True)
    assistant_message = fields.Nested(MessageSchema, required=True)
    request_id = fields.String(metadata=_REQUEST_ID)
