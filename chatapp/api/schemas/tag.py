"""Tags as clients see them, and what clients may say about them."""

from marshmallow import fields

from chatapp.api.schemas.base import ApiSchema, page_schema
from chatapp.api.schemas.conversation import TAG_CHARS
from chatapp.api.schemas.fields import Choice, described
from chatapp.api.schemas.text_fields import Line
from chatapp.models.order_models import TagColor


class TagUpdateSchema(ApiSchema):
    """What is to be changed; what is left out stays."""

    example = {"color": "blue"}

    name = Line(most=TAG_CHARS, metadata={"example": "physics"})
    color = Choice(TagColor, allow_none=True, metadata={"example": "blue"})


class TagSchema(ApiSchema):
    """A tag that conversations have."""

    name = fields.String(required=True, metadata={"example": "physics"})
    color = Choice(TagColor, required=True, allow_none=True, metadata={"example": "blue"})
    count = fields.Integer(
        required=True, metadata=described("Conversations without archived ones and those in the trash.", 2)
    )


TagPageSchema = page_schema(TagSchema)
