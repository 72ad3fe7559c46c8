"""Saves what people say in conversations. The owner is checked when the conversation is read."""

import uuid

from pymongo.database import Database

from chatapp.errors import Invalid, MessageIdTaken, MessageNotFound, NotInConversation, StoreUnavailable
from chatapp.failpoints import reach
from chatapp.models.chat_models import Message, MessageStatus, NewMessage, Parent, Role, Window, beside
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
from chatapp.repositories.documents import Document
from chatapp.repositories.message_overflow import MessageOverflow, is_full
from chatapp.repositories.message_reader import MessageReader
from chatapp.repositories.storage import Storage

_ATTEMPTS = 100


class MessageRepository(MessageReader):
    """Reads messages, and saves those of people. Answers are saved by ``Turns``."""

    def __init__(self, database: Database[Document], storage: Storage | None = None) -> None:
        """``storage`` knows how many bytes may be stored for each user; ``None`` for any number."""
        super().__init__(database)
        self._conversations = database["conversations"]
        self._overflow = MessageOverflow(database)
        self._storage = storage or Storage(database)

    def append(self, user_id: str, conversation_id: str, new: NewMessage) -> Message:
        """Saves a message of a person once: if the same message is sent again, the stored one is returned.

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
            stored = self.sent_before(window, new)
            if stored is not None:
                return stored
            check_writable(window)
            self._storage.check(user_id)
            message = self.new_message(window, new)
            if self._append(window, message):
                return message
        raise StoreUnavailable(retry_after=1)

    def sent_before(self, window: Window, new: NewMessage) -> Message | None:
        """The message that was stored with this id before; ``None`` if there is none.

        Raises:
            MessageIdTaken: the id was used for other content or another parent.
        """
        if new.id is None:
            return None
        try:
            stored, _ = self._log.find(window, new.id)
        except MessageNotFound:
            return None
        other_parent = new.parent_id is not Parent.ACTIVE and new.parent_id != stored.parent_id
        if (stored.role, stored.content, stored.edit_of) != (Role(new.role), new.content, new.edit_of) or other_parent:
            raise MessageIdTaken
        return stored

    def new_message(self, window: Window, new: NewMessage) -> Message:
        """A message of a person at its place in the tree, not stored yet. Raises as ``append``."""
        conversation = window.conversation
        id_ = new.id or str(uuid.uuid4())
        original = self._original(window, new.edit_of, new) if new.edit_of is not None else None
        if original is not None:
            parent = original.parent_id
        elif isinstance(new.parent_id, Parent):
            parent = conversation.active_message_id
        else:
            parent = new.parent_id
            if parent is not None and parent != conversation.active_message_id:
                self._named(window, parent, "parentId")
        return Message(
            id=id_,
            user_id=conversation.user_id,
            conversation_id=conversation.id,
            parent_id=parent,
            role=Role(new.role),
            content=new.content,
            status=MessageStatus.COMPLETE,
            created_at=time_in(window),
            model=original.model if original is not None else None,
            edit_of=new.edit_of,
            edited=new.edit_of is not None,
            sibling_ids=beside(self._log.children(window, parent), id_),
        )

    def _original(self, window: Window, edit_of: str, new: NewMessage) -> Message:
        """The message that was edited."""
        original = self._named(window, edit_of, "editOf")
        if original.role is not Role(new.role):
            raise Invalid.field("editOf", FaultReason.OTHER_ROLE, "This message has another role.")
        if original.content == new.content:
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
        if not self._conversations.update_one(condition, append_update(window, message)).matched_count:
            return False
        self._storage.count_messages(message.user_id, message)
        return True
