"""The form of every error."""

from __future__ import annotations

from marshmallow import INCLUDE, fields

from chatapp.api.schemas.base import ApiSchema


class ErrorSchema(ApiSchema):
    """An error; ``chatapp.api.errors`` writes it, this documents it. Some errors have further members."""

    class Meta:
        unknown = INCLUDE

    code = fields.Integer(required=True, metadata={"description": "The HTTP status."})
    status = fields.String(required=True, metadata={"description": "The name of the HTTP status."})
    message = fields.String(required=True, metadata={"description": "A sentence for a person."})
    errors = fields.Dict(
        keys=fields.String(),
        metadata={
            "description": "What is wrong with which field: the place (`json`, `query`), the field, then sentences."
        },
    )
    request_id = fields.String(
        metadata={"description": "Names the request in the server's log, where the error was not expected."}
    )
