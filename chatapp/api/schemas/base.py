"""What all schemas share: names in camelCase, unknown fields refused, pages of lists."""

from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import RAISE, Schema, fields

from chatapp.api.schemas.fields import QueryWhole, described
from chatapp.api.schemas.text_fields import Cursor
from chatapp.models.reasons import Fault, FaultReason

MOST_PER_PAGE = 200


def camel_case(name: str) -> str:
    """``conversation_id`` as JSON writes it: ``conversationId``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


class ApiSchema(Schema):
    """A request or an answer. A field keeps its own ``data_key`` where it has one.

    ``example`` of a request is a body that works as it stands; documentation offers it.
    """

    class Meta:
        unknown = RAISE

    error_messages = {
        "unknown": Fault(FaultReason.UNKNOWN_FIELD, "There is no such field here."),
        "type": Fault(FaultReason.WRONG_TYPE, "This must be a JSON object."),
    }
    example: ClassVar[Mapping[str, Any] | None] = None

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = camel_case(field_name)


class WrittenSchema(ApiSchema):
    """An answer of which lists hold many. ``written`` writes it; the fields document it."""

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """As marshmallow's, without its walk over the fields, which takes most of a list's time."""
        if self.many if many is None else many:
            return [self.written(one) for one in obj]
        return self.written(obj)

    @staticmethod
    def written(thing: Any) -> dict[str, Any]:
        """What the fields describe of ``thing``."""
        raise NotImplementedError


def limit_field(default: int, most: int = MOST_PER_PAGE) -> QueryWhole:
    """``limit``: how many items a page has at most."""
    return QueryWhole(
        least=1, most=most, load_default=default, metadata=described("How many items the page has at most.")
    )


class PageArgs(ApiSchema):
    """Where a page of a list begins and how long it is."""

    limit = limit_field(30)
    cursor = Cursor(metadata=described("`nextCursor` of the previous page; left out for the first page."))


class MessagePageArgs(PageArgs):
    limit = limit_field(50)


def page_schema(item: type[ApiSchema]) -> type[ApiSchema]:
    """The schema of a page of ``item``; it dumps a ``chatapp.models.chat_models.Page``."""
    name = item.__name__.removesuffix("Schema")
    members = {
        "items": fields.Nested(item, many=True, required=True),
        "next_cursor": fields.String(
            required=True, allow_none=True, metadata=described("Leads to the next page; null on the last one.", None)
        ),
        "__module__": __name__,
        "__doc__": "One page of a list.",
    }
    return type(f"{name}PageSchema", (ApiSchema,), members)
