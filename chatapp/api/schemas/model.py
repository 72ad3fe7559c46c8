"""The language models that can be chosen."""

from typing import Any

from marshmallow import fields, post_dump

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.examples import MODEL
from chatapp.api.schemas.fields import described


class LanguageModelSchema(ApiSchema):
    """A language model. ``contextTokens`` is left out where it is unknown."""

    id = fields.String(required=True, metadata={"example": MODEL})
    context_tokens = fields.Integer(
        metadata=described("How much it can read at once, in tokens; left out where unknown.", 8192)
    )

    @post_dump
    def _leave_out_unknown(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {name: value for name, value in data.items() if value is not None}


class ModelListSchema(ApiSchema):
    """The language models, and the one for conversations that name none."""

    items = fields.List(fields.Nested(LanguageModelSchema), required=True)
    default = fields.String(required=True, allow_none=True, metadata=described("Null while no model is known.", MODEL))
