"""The messages of conversations. The owner is checked when the conversation is read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from pymongo.database import Database

from chatapp.errors import (
    Invalid,
    InvalidCursor,
    MessageIdTaken,
    MessageNotFound,
    NotInConversation,
    StoreUnavailable,
)
from chatapp.failpoints import reach
from chatapp.models.chat_models import (
    Message,
    MessageStatus,
    Page,
    Parent,
    Role,
    Twig,
    Window,
    beside,
)
from chatapp.models.reasons import FaultReason
from chatapp.repositories.appending import (
    append_update,
    check_branch,
    check_writable,
    pause_before,
    room_for,
    time_in,
    unchanged,
)
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.cursors import BranchCursor, NewerCursor, PositionCursor, scope
from chatapp.repositories.documents import Document
from chatapp.repositories.log_blocks import Positioned
from chatapp.repositories.message_log import MessageLog
from chatapp.repositories.message_overflow import MessageOverflow, is_full
from chatapp.repositories.page_size import MOST_PAGE_BYTES, fitting
from chatapp.repositories.storage import Storage

_ATTEMPTS = 100


class MessageRepository:
    """Messages in the windows of conversations and in their pages."""

    def __init__(self, database: Database[Document], quota: int | None = None) -> None:
        """``quota`` is how many bytes may be stored for each user; ``None`` for any number."""
        self._conversations = database["conversations"]
        self._reader = ConversationReader(database)
        self._log = MessageLog(database)
        self._overflow = MessageOverflow(database)
        self._storage = Storage(database, quota)

    def append(
        self,
        user_id: str,
        conversation_id: str,
        message_id: str,
        content: str,
        parent_id: str | Parent | None = Parent.ACTIVE,
        *,
        role: Role = Role.USER,
        edit_of: str | None = None,
    ) -> Message:
        """Saves a message of a person once: if the same message is sent again, the stored one is returned.

        With ``edit_of`` it stands beside that message. Only an edit of an answer has the role of an answer.

        Raises:
            ConversationNotFound, NotOwner, ConversationInTrash: the conversation cannot be written to.
            TurnInProgress: an answer is being written in it.
            StorageFull: there is no room for it.
            MessageIdTaken: the id was used for other content or another parent.
            NotInConversation: the parent, or what was edited, is not in this conversation.
            Invalid: the edit changes nothing, or what was edited has another role.
            StoreUnavailable: concurrent appends won every attempt.
        """
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            window = self._reader.window(user_id, conversation_id)
            stored = self.sent_before(window, message_id, content, parent_id, role=role, edit_of=edit_of)
            if stored is not None:
                return stored
            check_writable(window)
            self._storage.check(user_id)
            message = self.new_message(window, message_id, content, parent_id, role=role, edit_of=edit_of)
            if self._append(window, message):
                return message
        raise StoreUnavailable(retry_after=1)

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

    def sent_before(
        self,
        window: Window,
        message_id: str,
        content: str,
        parent_id: str | Parent | None,
        *,
        role: Role = Role.USER,
        edit_of: str | None = None,
    ) -> Message | None:
        """The message that was stored with this id before; ``None`` if there is none.

        Raises:
            MessageIdTaken: the id was used for other content or another parent.
        """
        try:
            stored, _ = self._log.find(window, message_id)
        except MessageNotFound:
            return None
        other_parent = parent_id is not Parent.ACTIVE and parent_id != stored.parent_id
        if (stored.role, stored.content, stored.edit_of) != (role, content, edit_of) or other_parent:
            raise MessageIdTaken
        return stored

    def new_message(
        self,
        window: Window,
        message_id: str,
        content: str,
        parent_id: str | Parent | None,
        *,
        role: Role = Role.USER,
        edit_of: str | None = None,
    ) -> Message:
        """A message of a person at its place in the tree, not stored yet. Raises as ``append``."""
        conversation = window.conversation
        original = self._original(window, edit_of, role, content) if edit_of is not None else None
        if original is not None:
            parent = original.parent_id
        elif isinstance(parent_id, Parent):
            parent = conversation.active_message_id
        else:
            parent = parent_id
            if parent is not None and parent != conversation.active_message_id:
                self._named(window, parent, "parentId")
        return Message(
            id=message_id,
            user_id=conversation.user_id,
            conversation_id=conversation.id,
            parent_id=parent,
            role=role,
            content=content,
            status=MessageStatus.COMPLETE,
            created_at=time_in(window),
            model=original.model if original is not None else None,
            edit_of=edit_of,
            sibling_ids=beside(self._log.children(window, parent), message_id),
        )

    def _original(self, window: Window, edit_of: str, role: Role, content: str) -> Message:
        """The message that was edited."""
        original = self._named(window, edit_of, "editOf")
        if original.role is not role:
            raise Invalid.field("editOf", FaultReason.OTHER_ROLE, "This message has another role.")
        if original.content == content:
            raise Invalid.field("content", FaultReason.UNCHANGED, "Nothing was changed.")
        return original

    def _named(self, window: Window, message_id: str, field: str) -> Message:
        """The message that the request names in ``field``."""
        try:
            return self._log.find(window, message_id)[0]
        except MessageNotFound:
            raise NotInConversation(field) from None

    def _append(self, window: Window, message: Message) -> bool:
        """Returns False if the conversation has changed since ``window`` was read."""
        if is_full(len(window.messages), window.byte_count + message.size):
            self._overflow.shorten(message.user_id, message.conversation_id)
        check_branch(window, message)
        condition = {**unchanged(window), **room_for(message)}
        reach("append.decided")
        if not self._conversations.update_one(condition, append_update(message)).matched_count:
            return False
        self._storage.count_message(message)
        return True


def _text(found: Positioned) -> str:
    """All that may be long in it."""
    message, _ = found
    return message.content + (message.reasoning.text if message.reasoning else "")


def _list_of(window: Window) -> str:
    return scope("messages", conversation=window.conversation.id)
