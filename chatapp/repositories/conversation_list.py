"""Listing conversations in the order of an index: pinned first, then newest activity, then id."""

from typing import Any

from bson import ObjectId
from pymongo import DESCENDING
from pymongo.collection import Collection

from chatapp.models.chat_models import Conversation, Page
from chatapp.repositories.cursors import ListCursor, scope
from chatapp.repositories.documents import HEADER, Document, conversation_from
from chatapp.repositories.page_size import MOST_PAGE_BYTES, fitting

_ORDER = [("pinned", DESCENDING), ("updatedAt", DESCENDING), ("_id", DESCENDING)]


def list_conversations(
    conversations: Collection[Document], filters: dict[str, Any], limit: int, cursor: str | None
) -> Page[Conversation]:
    """A page of the conversations that match ``filters``, starting after ``cursor``: at most ``limit``, or 4 MB.

    Raises:
        InvalidCursor: the cursor is invalid.
    """
    this_list = scope("conversations", **filters)
    ranges = _ranges_after(ListCursor.decode(cursor, this_list) if cursor is not None else None)
    # Three indexes could serve the list of a project, and MongoDB's trial of them may choose one that sorts.
    hint = "listed_by_project" if filters.get("projectId") is not None and filters["trashedAt"] is None else None
    found = (
        document
        for after in ranges
        for document in conversations.find({**filters, **after}, HEADER, sort=_ORDER, limit=limit + 1, hint=hint)
    )
    shown, more = fitting(found, lambda document: document["systemPrompt"], limit, MOST_PAGE_BYTES)
    items = tuple(conversation_from(document) for document in shown)
    return Page(items, _key_of(items[-1]).encode(this_list) if more else None)


def _ranges_after(cursor: ListCursor | None) -> list[dict[str, Any]]:
    """Filters for the rest of the list. Each of them is one contiguous range of the index."""
    if cursor is None:
        return [{}]
    older = [{"updatedAt": {"$lt": cursor.updated_at}}, {"updatedAt": cursor.updated_at, "_id": {"$lt": cursor.id}}]
    rest = {"pinned": cursor.pinned, "updatedAt": {"$lte": cursor.updated_at}, "$or": older}
    return [rest, {"pinned": False}] if cursor.pinned else [rest]


def _key_of(conversation: Conversation) -> ListCursor:
    return ListCursor(conversation.pinned, conversation.updated_at, ObjectId(conversation.id))
