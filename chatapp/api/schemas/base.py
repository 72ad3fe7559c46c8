"""The ground of every schema: names in camelCase, unknown fields refused, pages of lists."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, fields

from chatapp.api.schemas.fields import Line, QueryWhole

CURSOR_CHARS = 1_000
MOST_PER_PAGE = 200


def camel_case(name: str) -> str:
    """``conversation_id`` as JSON writes it: ``conversationId``."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


class ApiSchema(Schema):
    """A request or an answer. A field keeps its own ``data_key`` where it has one."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "There is no such field here.", "type": "This must be a JSON object."}

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        if field_obj.data_key is None:
            field_obj.data_key = camel_case(field_name)


def limit_field(default: int) -> QueryWhole:
    """``limit``: how many items a page has at the most."""
    return QueryWhole(
        least=1,
        most=MOST_PER_PAGE,
        load_default=default,
        metadata={"description": f"How many items the page has at the most; {default} when left out."},
    )


class PageArgs(ApiSchema):
    """Where a page of a list begins and how long it is."""

    limit = limit_field(30)
    cursor = Line(
        most=CURSOR_CHARS,
        load_default=None,
        metadata={"description": "`nextCursor` of the page before; left out for the first page."},
    )


class MessagePageArgs(PageArgs):
    limit = limit_field(50)


def page_schema(item: type[ApiSchema]) -> type[ApiSchema]:
    """The schema of a page of ``item``; it dumps a ``chatapp.models.chat_models.Page``."""
    name = item.__name__.removesuffix("Schema")
    members = {
        "items": fields.List(fields.Nested(item), required=True),
        "next_cursor": fields.String(
            required=True,
            allow_none=True,
            metadata={"description": "Leads to the next page; null on the last one.", "example": None},
        ),
        "__module__": __name__,
    }
    return type(f"{name}PageSchema", (ApiSchema,), members)
