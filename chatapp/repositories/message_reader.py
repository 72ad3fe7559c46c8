"""Reads the messages of conversations: one of them, a branch, or a page. The owner is checked with the conversation."""

from collections.abc import Iterator
from itertools import islice

from pymongo.database import Database

from chatapp.errors import InvalidCursor, MessageNotFound
from chatapp.models.chat_models import Message, Page, Twig, Window
from chatapp.repositories.appending import check_writable
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.cursors import BranchCursor, NewerCursor, PositionCursor, scope
from chatapp.repositories.documents import Document
from chatapp.repositories.log_blocks import Positioned
from chatapp.repositories.message_log import MessageLog
from chatapp.repositories.page_size import MOST_PAGE_BYTES, fitting


class MessageReader:
    """Messages in the windows of conversations and in their pages."""

    def __init__(self, database: Database[Document]) -> None:
        self._reader = ConversationReader(database)
        self._log = MessageLog(database)

    def find(self, user_id: str, conversation_id: str, message_id: str, window: Window | None = None) -> Positioned:
        """The message and its position in the log, counted from 0. ``window`` saves reading the conversation again.

        Raises:
            ConversationNotFound, NotOwner: the conversation cannot be read.
            MessageNotFound: the message is not in it.
        """
        return self._log.find(window or self._reader.window(user_id, conversation_id), message_id)

    def branch(self, window: Window, *, from_message_id: str | None = None) -> Iterator[Message]:
        """The active branch, or the one that ends with ``from_message_id``, newest first.

        Pages are read only when they are reached.

        Raises:
            MessageNotFound: ``from_message_id`` is not in this conversation.
            ConversationNotFound: it was deleted for good while it was being read.
        """
        leaf = from_message_id or window.conversation.active_message_id
        return (message for message, _ in self._log.branch(window, leaf))

    def page(
        self, user_id: str, conversation_id: str, *, limit: int, cursor: str | None = None, window: Window | None = None
    ) -> Page[Message]:
        """A page of the active branch: without a cursor the newest page. Messages in a page are in order, oldest first.

        It is shorter than ``limit`` where the messages are so large that they would exceed ``MOST_PAGE_BYTES``.

        ``limit`` may be 0, for an empty page whose cursor leads to the newest message. Every page costs the same,
        however long the conversation is: the cursor names a message of the branch and a position in the log.

        Raises:
            ConversationNotFound, NotOwner: the conversation cannot be read.
            InvalidCursor: the cursor is invalid.
        """
        window = window or self._reader.window(user_id, conversation_id)
        this_list = _list_of(window)
        if cursor is None:
            return self._older(window, window.conversation.active_message_id, None, limit)
        newer = NewerCursor.decode(cursor, this_list)
        if newer is not None:
            return self._newer(window, newer.message_id, limit)
        place = BranchCursor.decode(cursor, this_list)
        try:
            return self._older(window, place.message_id, place.position, limit)
        except MessageNotFound:
            raise InvalidCursor from None

    def page_around(self, user_id: str, conversation_id: str, message_id: str, *, limit: int) -> Page[Message]:
        """The page of the message's branch in which it stands in the middle.

        After the message the branch is as it was shown last.

        Raises:
            ConversationNotFound, NotOwner: the conversation cannot be read.
            MessageNotFound: the message is not in it.
        """
        window = self._reader.window(user_id, conversation_id)
        half = MOST_PAGE_BYTES // 2
        newer, more = fitting(self._log.newer(window, message_id), _text, limit // 2, half)
        older = self._older(window, message_id, None, limit - len(newer), half)
        last = newer[-1][0].id if newer else message_id
        previous = NewerCursor(last).encode(_list_of(window)) if more else None
        return Page((*older.items, *(message for message, _ in newer)), older.next_cursor, previous)

    def _older(
        self, window: Window, leaf: str | None, before: int | None, limit: int, most_bytes: int = MOST_PAGE_BYTES
    ) -> Page[Message]:
        found, _ = fitting(islice(self._log.branch(window, leaf, before), limit), _text, limit, most_bytes)
        if not found:
            position, older = window.conversation.message_count, leaf
        else:
            position, older = found[-1][1], found[-1][0].parent_id
        items = tuple(message for message, _ in reversed(found))
        return Page(items, BranchCursor(position, older).encode(_list_of(window)) if older is not None else None)

    def _newer(self, window: Window, message_id: str, limit: int) -> Page[Message]:
        try:
            found, more = fitting(self._log.newer(window, message_id), _text, limit)
        except MessageNotFound:
            raise InvalidCursor from None
        this_list = _list_of(window)
        older = BranchCursor(found[0][1], message_id).encode(this_list) if found else None
        newer = NewerCursor(found[-1][0].id).encode(this_list) if more else None
        return Page(tuple(message for message, _ in found), older, newer)

    def tree(self, user_id: str, conversation_id: str, *, limit: int, cursor: str | None = None) -> Page[Twig]:
        """A page of all messages in the log's order, every branch among them.

        Raises:
            ConversationNotFound, NotOwner: the conversation cannot be read.
            InvalidCursor: the cursor is invalid.
        """
        window = self._reader.window(user_id, conversation_id)
        this_list = scope("tree", conversation=window.conversation.id)
        first = PositionCursor.decode(cursor, this_list).position if cursor is not None else 0
        end = first + limit
        is_last = end >= window.paged_count + len(window.messages)
        next_cursor = None if is_last else PositionCursor(end).encode(this_list)
        return Page(tuple(self._log.twigs(window, first, limit)), next_cursor)

    def children(self, window: Window, parent_id: str | None) -> tuple[str, ...]:
        """The ids of a message's children in the log's order, including an answer that is being written.

        ``None`` stands for the messages without a parent.
        """
        return self._log.children(window, parent_id)

    def choose(self, user_id: str, conversation_id: str, message_id: str) -> tuple[str, dict[str, str]]:
        """The end of the branch that is shown when the message is chosen, and what has to be shown on the way there.

        The latter names the child to be shown for each message with several, by that message's id.

        Raises:
            ConversationNotFound, NotOwner, ConversationInTrash: the conversation cannot be written to.
            TurnInProgress: an answer is being written in it, perhaps this message.
            MessageNotFound: the message is not in it.
        """
        window = self._reader.window(user_id, conversation_id)
        check_writable(window)
        return self._log.choose(window, message_id)


def _text(found: Positioned) -> str:
    """All that may be long in it."""
    message, _ = found
    return message.content + (message.reasoning.text if message.reasoning else "")


def _list_of(window: Window) -> str:
    return scope("messages", conversation=window.conversation.id)
