"""What to do with many conversations at once, and what became of it."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from chatapp.api.schemas.base import ApiSchema
from chatapp.api.schemas.conversation import ID_CHARS, TAG_CHARS, project_field
from chatapp.api.schemas.examples import CONVERSATION_ID
from chatapp.api.schemas.fields import Choice, Count, Flag, InputField, described, wrong_type
from chatapp.api.schemas.text_fields import Line, Text
from chatapp.models.order_models import BatchAction
from chatapp.models.reasons import Fault, FaultReason, Reason
from chatapp.services.batch_service import MOST_AT_ONCE

_REQUIRED = Fault(FaultReason.REQUIRED, "This is required here.")
_EITHER = Fault(FaultReason.DUPLICATE, "Give either ids, or all as true.")
_NEEDS = {BatchAction.TAG: "tag", BatchAction.UNTAG: "tag", BatchAction.MOVE: "project_id"}

_ALL = {"required": ["all"], "properties": {"all": {"const": True}}}
BATCH_RULES = {
    "allOf": [
        {"if": _ALL, "then": {"properties": {"ids": {"not": {}}}}},
        {"if": {"not": {"required": ["ids"], "properties": {"ids": {}}}}, "then": _ALL},
        *(
            {
                "if": {"required": ["action"], "properties": {"action": {"enum": actions}}},
                "then": {"required": [needed], "properties": {needed: {}}},
            }
            for actions, needed in ((["tag", "untag"], "tag"), (["move"], "projectId"))
        ),
    ],
}
"""``BatchSchema``'s checks as JSON Schema."""


class Ids(InputField, fields.List[str]):
    """Ids of conversations."""

    default_error_messages = wrong_type("a list")


class BatchSchema(ApiSchema):
    """Which conversations, and what to do with them. `tag` and `untag` need the `tag`, `move` the `projectId`."""

    example = {"ids": [CONVERSATION_ID], "action": "archive"}

    action = Choice(BatchAction, required=True, metadata={"example": "archive"})
    ids = Ids(Text(most=ID_CHARS), validate=Count(max=MOST_AT_ONCE), metadata={"example": [CONVERSATION_ID]})
    all = Flag(
        metadata=described(
            "`true` instead of `ids`: all of your conversations for which there is something to do, "
            "without temporary ones.",
            False,
        )
    )
    trashed = Flag(metadata=described("With `all`: only those in the trash. To `delete` these empties it.", False))
    tag = Line(most=TAG_CHARS, metadata={"example": "physics"})
    project_id = project_field()

    @validates_schema
    def _is_whole(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("all", False) == ("ids" in data):
            raise ValidationError(_EITHER if "ids" in data else _REQUIRED, "ids")
        needed = _NEEDS.get(data["action"])
        if needed is not None and needed not in data:
            raise ValidationError(_REQUIRED, self.fields[needed].data_key or needed)


class NotDoneSchema(ApiSchema):
    """A conversation that stayed as it is, and why."""

    id = fields.String(required=True, metadata={"example": CONVERSATION_ID})
    reason = Choice(Reason, required=True, metadata={"example": "conversation_in_trash"})


class BatchResultSchema(ApiSchema):
    """What became of each conversation."""

    done = fields.List(fields.String(), required=True, metadata={"example": [CONVERSATION_ID]})
    failed = fields.List(fields.Nested(NotDoneSchema), required=True)
    more = fields.Boolean(
        required=True,
        metadata=described(f"With `all`: there are others, as one call changes {MOST_AT_ONCE}. Send it again.", False),
    )
