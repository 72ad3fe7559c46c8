"""Parts of a conversation's log as they are read: the window, a page, or a gap where messages are missing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bson import ObjectId

from chatapp.models.chat_models import Message, MessageError, MessageStatus, Role, Window
from chatapp.models.failures import FailureCode
from chatapp.repositories.documents import Document, message_from

Positioned = tuple[Message, int]
"""A message and its position in the log, counted from 0."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive messages of the log from position ``first`` on: the window or a page."""

    first: int
    ids: Sequence[str]
    message_at: Callable[[int], Message]
    """The message at an index of ``ids``."""

    def position(self, message_id: str) -> int:
        return self.first + self.ids.index(message_id)

    def indexes_below(self, end: int) -> Iterator[int]:
        """The indexes of the messages below position ``end``, the highest first."""
        return reversed(range(min(len(self.ids), end - self.first)))


def gap_marker(window: Window, marker_id: str, older: Block, end: int) -> Positioned:
    """The message that marks a gap below position ``end``, and a position for it, for cursors.

    It is shown as an answer that failed, which every client knows how to show. Its parent is the next message of the
    block ``older``.
    """
    index = next(older.indexes_below(end), None)
    parent = None if index is None else older.message_at(index)
    conversation = window.conversation
    marker = Message(
        id=marker_id,
        user_id=conversation.user_id,
        conversation_id=conversation.id,
        parent_id=None if parent is None else parent.id,
        role=Role.ASSISTANT,
        content="",
        status=MessageStatus.ERROR,
        created_at=conversation.created_at if parent is None else parent.created_at,
        error=MessageError(FailureCode.MESSAGES_MISSING, FailureCode.MESSAGES_MISSING.sentence),
    )
    return marker, 0 if index is None else older.first + index + 1


def pages_of(user_id: str | ObjectId, conversation_id: str | ObjectId, paged_count: int) -> Document:
    """Matches the pages that are part of the log; one from ``paged_count`` on is an unfinished move."""
    owned = {"userId": ObjectId(user_id), "conversationId": ObjectId(conversation_id)}
    return {**owned, "firstPosition": {"$lt": paged_count}}


def window_block(window: Window) -> Block:
    return Block(window.paged_count, [message.id for message in window.messages], window.messages.__getitem__)


def page_block(window: Window, page: Document) -> Block:
    """A page's messages, each of which is converted when it is asked for."""
    documents = page["messages"]
    return Block(
        first=page["firstPosition"],
        ids=[document["id"] for document in documents],
        message_at=lambda index: message_from(documents[index], window.conversation, window.branches, window.stars),
    )
