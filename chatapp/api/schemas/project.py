"""Projects as clients see them, and what clients may say about them."""

from marshmallow import fields

from chatapp.api.schemas.base import ApiSchema, page_schema
from chatapp.api.schemas.conversation import SYSTEM_PROMPT_CHARS, model_field
from chatapp.api.schemas.examples import CREATED_AT, PROJECT_ID, USER_ID
from chatapp.api.schemas.fields import Moment, described
from chatapp.api.schemas.text_fields import Line, Text

NAME_CHARS = 100
PROMPT = "Answer as a physicist."


class ProjectUpdateSchema(ApiSchema):
    """What is to be changed; what is left out stays. The next answers heed it."""

    example = {"name": "Physics", "systemPrompt": PROMPT}

    name = Line(most=NAME_CHARS, metadata={"example": "Physics"})
    system_prompt = Text(
        most=SYSTEM_PROMPT_CHARS,
        allow_none=True,
        metadata=described("For conversations that have none of their own.", PROMPT),
    )
    model = model_field()


class NewProjectSchema(ProjectUpdateSchema):
    """What a new project begins with."""

    name = Line(most=NAME_CHARS, required=True, metadata={"example": "Physics"})


class ProjectSchema(ApiSchema):
    """A folder of conversations."""

    id = fields.String(required=True, metadata={"example": PROJECT_ID})
    user_id = fields.String(required=True, metadata={"example": USER_ID})
    name = fields.String(required=True, metadata={"example": "Physics"})
    system_prompt = fields.String(required=True, allow_none=True, metadata={"example": PROMPT})
    model = fields.String(required=True, allow_none=True, metadata={"example": None})
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    conversation_count = fields.Integer(
        required=True, metadata=described("Without archived ones and those in the trash.", 2)
    )


ProjectPageSchema = page_schema(ProjectSchema)
