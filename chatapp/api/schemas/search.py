"""Searching, as clients see it."""

from marshmallow import fields

from chatapp.api.schemas.base import ApiSchema, PageArgs
from chatapp.api.schemas.examples import ANSWER_ID, CONVERSATION_ID, CREATED_AT, QUESTION
from chatapp.api.schemas.fields import Choice, Moment, QueryFlag, described
from chatapp.api.schemas.text_fields import Text
from chatapp.models.chat_models import Role
from chatapp.models.search_models import SearchOrder

MOST_QUERY_CHARS = 1_000


class SearchArgs(PageArgs):
    """What to search for, and which part of what is found."""

    q = Text(
        most=MOST_QUERY_CHARS,
        required=True,
        metadata=described(
            'Words, of which the last may be unfinished, and `"phrases"`: a message has all of them. '
            "Filters among them: `role:user`, `tag:name`, `project:name`, `model:name`, `after:2026-01-31`, "
            "`before:2026-02` (UTC; before it begins), `in:title`, `in:trash`, `is:starred`, `has:code`. What has a "
            'space needs quotes: `tag:"my trip"`. Of several roles, projects or models any will do; of several tags, '
            "all must be there. What is no filter is text. At most 32 words.",
            "blue sky role:user",
        ),
    )
    sort = Choice(SearchOrder, load_default=SearchOrder.NEWEST, metadata=described("What comes first."))
    inside_words = QueryFlag(
        load_default=False, metadata=described("`true`: the words may also be parts of others. That is slower.")
    )
    count = QueryFlag(
        load_default=True,
        metadata=described("`false`: do not wait for `total` where more is found than this page. That is faster."),
    )


class SearchHitSchema(ApiSchema):
    """A message, or the title of a conversation, that was found."""

    conversation_id = fields.String(required=True, metadata={"example": CONVERSATION_ID})
    title = fields.String(required=True, metadata={"example": QUESTION})
    message_id = fields.String(
        required=True, allow_none=True, metadata=described("Null: the title was found.", ANSWER_ID)
    )
    role = Choice(Role, required=True, allow_none=True, metadata=described("Null for a title.", "user"))
    created_at = Moment(required=True, metadata={"example": CREATED_AT})
    snippet = fields.String(required=True, metadata=described("One line of the text, around what was found.", QUESTION))
    highlights = fields.List(
        fields.List(fields.Integer()),
        required=True,
        metadata=described(
            "Where in `snippet` it is: `[start, end)` in UTF-16 code units, in order.", [[11, 14], [15, 19]]
        ),
    )


class SearchPageSchema(ApiSchema):
    """One page of what was found. What belongs to one conversation stands together in it."""

    items = fields.List(fields.Nested(SearchHitSchema), required=True)
    next_cursor = fields.String(
        required=True, allow_none=True, metadata=described("Leads to the next page; null on the last one.", None)
    )
    total = fields.Integer(
        required=True,
        allow_none=True,
        metadata=described(
            "How many there are, up to 1,000. Null: with `count=false`, there is more than this page.", 1
        ),
    )
    complete = fields.Boolean(
        required=True,
        metadata=described(
            "`false`: the index is behind, and more may be found later; or only the newest were looked at: 1,000 that "
            "match with `sort=best` or `insideWords`, and 30,000 messages with `insideWords`.",
            True,
        ),
    )
    behind = fields.Integer(
        required=True, metadata=described("How many of your conversations are not wholly indexed yet.", 0)
    )
    conversations = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "How many you have, where the index is too far behind; else null.", "example": None},
    )
