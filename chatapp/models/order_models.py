"""How people keep their conversations in order: projects, tags, and what is done with many at once."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chatapp.models.reasons import Reason


@dataclass(frozen=True, slots=True)
class Project:
    """A folder of conversations. Its system prompt and model are for those of them that name none."""

    id: str
    user_id: str
    name: str
    system_prompt: str | None
    model: str | None
    created_at: datetime
    conversation_count: int = 0


class TagColor(StrEnum):
    """A colour of a tag. Each theme has its own shade of it."""

    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TEAL = "teal"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    GRAY = "gray"


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a user's, and how many conversations their list shows with it."""

    name: str
    color: TagColor | None
    count: int


class BatchAction(StrEnum):
    """What can be done with many conversations at once."""

    ARCHIVE = "archive"
    UNARCHIVE = "unarchive"
    TRASH = "trash"
    RESTORE = "restore"
    DELETE = "delete"
    TAG = "tag"
    UNTAG = "untag"
    MOVE = "move"


@dataclass(frozen=True, slots=True)
class NotDone:
    """A conversation that a batch could not change, and why."""

    id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What became of each conversation. ``more``: there are others that were not looked at."""

    done: tuple[str, ...]
    failed: tuple[NotDone, ...]
    more: bool
