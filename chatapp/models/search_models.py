"""What a search finds."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chatapp.models.chat_models import Role


class SearchOrder(StrEnum):
    """What comes first: what was written last, or what fits best."""

    NEWEST = "newest"
    BEST = "best"


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A message, or the title of a conversation, that was found.

    ``message_id`` and ``role`` are ``None`` for a title. ``highlights`` are ``[start, end)`` in UTF-16 code units of
    ``snippet``.
    """

    conversation_id: str
    title: str
    message_id: str | None
    role: Role | None
    created_at: datetime
    snippet: str
    highlights: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SearchPage:
    """A part of what was found. ``total`` counts up to 1,000; ``None``: nobody asked, and there is more than this.

    ``behind`` is the number of the user's conversations that are not wholly indexed, and ``complete`` says whether all
    was searched nevertheless. Only if it was not because of them, ``conversations`` is how many the user has.
    """

    items: tuple[SearchHit, ...]
    next_cursor: str | None
    total: int | None
    complete: bool
    behind: int
    conversations: int | None = None
