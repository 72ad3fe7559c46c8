"""What a conversation is made of."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum
from typing import Generic, TypedDict, TypeVar

MOST_TAGS = 20
"""Of one conversation."""

Item = TypeVar("Item")

Condition = Callable[[Item], bool]
"""Whether a change is still wanted, asked about the thing as the change would find it."""


class Role(StrEnum):
    """Who speaks, in the terms of the chat completions protocol."""

    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class Author(StrEnum):
    """As whom a person can write: an answer only by editing one that is there."""

    USER = "user"
    ASSISTANT = "assistant"


class MessageStatus(StrEnum):
    """How far a message has come. Only an answer is ever anything but ``complete``."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    STOPPED = "stopped"
    INTERRUPTED = "interrupted"
    ERROR = "error"


class FinishReason(StrEnum):
    """Why the model stopped writing, in the terms of the chat completions protocol."""

    STOP = "stop"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    TOOL_CALLS = "tool_calls"
    FUNCTION_CALL = "function_call"


class Feedback(StrEnum):
    """What a reader thinks of an answer."""

    UP = "up"
    DOWN = "down"


class Parent(Enum):
    """Stands for a parent that the sender of a message left open."""

    ACTIVE = "the message that the conversation shows last"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a turn cost, in the tokens of the model that answered, as the provider counted them."""

    prompt_tokens: int
    completion_tokens: int


@dataclass(frozen=True, slots=True)
class Reasoning:
    """What a model thought before it answered, and for how many milliseconds, where that is known.

    It is no part of the answer, and no model is ever given it.
    """

    text: str
    ms: int | None = None


@dataclass(frozen=True, slots=True)
class MessageError:
    """Why an answer failed: a code for programs and a sentence for a person.

    ``code`` is a ``FailureCode``, or one that an earlier version stored. ``refused``: the provider refused the
    question itself, and would refuse it again.
    """

    code: str
    message: str
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation's log.

    The log is append-only: an edit or another answer is a sibling, a message with the same parent.
    ``edit_of`` names the sibling from which a person made this message; ``continues`` the answer whose text this one
    begins with, to the character. A copy in a fork names neither, as they are not there; ``edited`` says that there was
    the former. ``starred`` and ``sibling_ids`` are filled in on reading; the latter (in the log's order, itself
    included) is empty where a message has no alternatives.
    """

    id: str
    user_id: str
    conversation_id: str
    parent_id: str | None
    role: Role
    content: str
    status: MessageStatus
    created_at: datetime
    model: str | None = None
    usage: Usage | None = None
    finish_reason: FinishReason | None = None
    reasoning: Reasoning | None = None
    error: MessageError | None = None
    feedback: Feedback | None = None
    comment: str | None = None
    starred: bool = False
    edit_of: str | None = None
    edited: bool = False
    continues: str | None = None
    sibling_ids: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of UTF-8 that content and reasoning take; what the window and the pages are bounded by."""
        reasoning = len(self.reasoning.text.encode()) if self.reasoning else 0
        return len(self.content.encode()) + reasoning

    @property
    def can_be_continued(self) -> bool:
        """Whether it is an answer that was stopped, interrupted, or cut off by its length."""
        if self.role is not Role.ASSISTANT or not self.content:
            return False
        if self.status is MessageStatus.COMPLETE:
            return self.finish_reason is FinishReason.LENGTH
        return self.status in (MessageStatus.STOPPED, MessageStatus.INTERRUPTED)


@dataclass(frozen=True, slots=True)
class Generation:
    """An answer being written. A conversation has one at the most.

    ``slot`` numbers the user's running answers from 0; a unique index over (user, slot) is what
    limits how many run at once. ``continues``: as in ``Message``.
    """

    message_id: str
    parent_id: str
    model: str
    started_at: datetime
    slot: int
    continues: str | None = None

    def answer(self, user_id: str, conversation_id: str) -> Message:
        """The answer that is being written, still without text."""
        return Message(
            id=self.message_id,
            user_id=user_id,
            conversation_id=conversation_id,
            parent_id=self.parent_id,
            role=Role.ASSISTANT,
            content="",
            status=MessageStatus.STREAMING,
            created_at=self.started_at,
            model=self.model or None,
            continues=self.continues,
        )


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation without its messages: what lists and headers show.

    ``read_message_id`` is where its owner stopped reading, on whichever device. ``unread``: the newest answer has ended
    since its owner was there last.
    """

    id: str
    user_id: str
    created_at: datetime
    updated_at: datetime
    title: str = ""
    model: str | None = None
    system_prompt: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    pinned: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    temporary: bool = False
    trashed_at: datetime | None = None
    message_count: int = 0
    active_message_id: str | None = None
    generation: Generation | None = None
    project_id: str | None = None
    top_p: float | None = None
    read_message_id: str | None = None
    unread: bool = False


class NewConversation(TypedDict, total=False):
    """What a conversation begins with. A temporary one is never listed, and deleted a day after its last use.

    ``key`` is the idempotency key: the same key never makes a second conversation of the same user.
    """

    title: str
    model: str | None
    system_prompt: str | None
    project_id: str | None
    tags: tuple[str, ...]
    temporary: bool
    key: str | None


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message of a person as it was sent. ``id`` is the idempotency key; ``None`` lets the server choose one.

    ``edit_of`` names the message that it is an edit of, whose place it takes, beside it; only an edit of an answer has
    the role of an answer. ``model`` answers this turn; ``None`` leaves that to the conversation.
    """

    content: str
    id: str | None = None
    parent_id: str | Parent | None = Parent.ACTIVE
    edit_of: str | None = None
    role: Author = Author.USER
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """A conversation with the newest part of its log, as one read of its document gives it.

    The log's positions run from 0; ``messages[0]`` has position ``paged_count``, everything before
    it is in pages. ``branches`` names the children, in order, of each message that has several, and ``shown`` the one
    of them that was shown last; where it names none, that is the newest. ``stars`` has the ids of starred messages.
    """

    conversation: Conversation
    messages: tuple[Message, ...]
    paged_count: int
    byte_count: int
    branches: dict[str, tuple[str, ...]]
    shown: Mapping[str, str] = field(default_factory=dict)
    stars: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ChatSession:
    """A client's handle on a conversation. It ends after 30 days without use."""

    id: str
    user_id: str
    conversation_id: str
    created_at: datetime
    last_used_at: datetime


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """A part of a list, and where the next part begins (``None`` at the end).

    ``previous_cursor`` leads back, in lists that can be entered in the middle.
    """

    items: tuple[Item, ...]
    next_cursor: str | None
    previous_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Star:
    """A starred message, as the list of all of them shows it."""

    message_id: str
    conversation_id: str
    title: str
    role: Role
    excerpt: str
    created_at: datetime
    starred_at: datetime


@dataclass(frozen=True, slots=True)
class Twig:
    """A message's place in the tree of its conversation, with no more of its content than its beginning."""

    id: str
    parent_id: str | None
    role: Role
    status: MessageStatus
    model: str | None
    created_at: datetime
    excerpt: str


def beside(siblings: tuple[str, ...], message_id: str) -> tuple[str, ...]:
    """All alternatives in order, the new one last; none where it is the only one."""
    return (*siblings, message_id) if siblings else ()
