"""Turns in conversations: each begins and ends with one update of the conversation's document."""

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.errors import MessageIdTaken
from chatapp.models.chat_models import Generation, Message, Window
from chatapp.repositories.appending import begin_update, check_branch, end_update, pause_before, room_for, unchanged
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.documents import Document, generation_from
from chatapp.repositories.limits import HARD_WINDOW_BYTES, WINDOW_BYTES, WINDOW_MESSAGES
from chatapp.repositories.message_overflow import MessageOverflow
from chatapp.repositories.storage import Storage

_ATTEMPTS = 10


class SlotTaken(Exception):
    """Another running answer of this user holds the slot. The caller tries another one."""


class Turns:
    """Begins and ends answers, and knows those that are being written. ``storage`` counts what is stored."""

    def __init__(self, database: Database[Document], storage: Storage) -> None:
        self._conversations = database["conversations"]
        self._reader = ConversationReader(database)
        self._overflow = MessageOverflow(database)
        self._storage = storage

    def begin(
        self, window: Window, user_message: Message | None, answer: Message, slot: int, *, title: str | None
    ) -> bool:
        """Stores the user's message and starts the answer, in one step.

        Args:
            window: the conversation as it was read.
            user_message: ``None`` if the answer is to a message that is already stored.
            answer: the answer to be written. Both messages name their siblings.
            slot: which of the user's running answers it is, from 0.
            title: the conversation's new title, if it gets one.

        Returns:
            False if the conversation has changed since ``window`` was read, or is busy or in the trash: read it again.

        Raises:
            SlotTaken: another answer of this user holds ``slot``.
            MessageIdTaken: another answer that is being written anywhere has this id.
            Invalid: the conversation has as many alternatives as it can have.
        """
        conversation = window.conversation
        check_branch(window, user_message or answer)
        condition = unchanged(window)
        if title is not None:
            condition["title"] = conversation.title  # keep a title that was set in the meantime
        if user_message is not None:
            condition.update(room_for(user_message))
            if window.byte_count + user_message.size > HARD_WINDOW_BYTES:
                self._overflow.shorten(conversation.user_id, conversation.id)
        update = begin_update(window, user_message, answer, slot, title)
        try:
            return self._conversations.update_one(condition, update).matched_count == 1
        except DuplicateKeyError as error:
            has_id = "generation.messageId" in (error.details or {}).get("keyPattern", ())
            raise MessageIdTaken if has_id else SlotTaken from None

    def end(self, answer: Message, user_message: Message | None = None) -> bool:
        """Stores the answer and frees the conversation, in one step. A full window is shortened first.

        It is stored even if there is no room for it: it was acknowledged when it began. ``user_message``, if one was
        stored then, is counted with it.

        Returns:
            False if another process has ended this answer, or the conversation has been deleted.
        """
        ended = self._end(answer)
        if ended:
            self._storage.count_messages(answer.user_id, answer, *([user_message] if user_message else ()))
        return ended

    def _end(self, answer: Message) -> bool:
        running = self._running(answer)
        bounded = {**running, **room_for(answer)}
        short = {**bounded, f"messages.{WINDOW_MESSAGES - 1}": {"$exists": False}}
        short["windowBytes"] = {"$lte": WINDOW_BYTES - answer.size}
        update = end_update(answer)
        if self._conversations.update_one(short, update).matched_count:
            return True
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            if self._conversations.find_one(running, {"_id": 1}) is None:
                return False
            self._overflow.shorten(answer.user_id, answer.conversation_id)
            if self._conversations.update_one(bounded, update).matched_count:
                return True
        raise LookupError(f"conversation {answer.conversation_id} does not take answer {answer.id}")

    def holds(self, answer: Message) -> bool:
        """Whether this answer is the one being written in its conversation, by a write that a majority acknowledges.

        Unlike a read, the write cannot be answered by a primary that has been replaced and does not know it yet.
        """
        unchanged_id = {"$set": {"generation.messageId": answer.id}}
        return self._conversations.update_one(self._running(answer), unchanged_id).matched_count == 1

    def taken_slots(self, user_id: str) -> set[int]:
        """The slots of the user's running answers, read from the index alone."""
        query = {"userId": ObjectId(user_id), "generation.slot": {"$exists": True}}
        found = self._conversations.find(query, {"_id": 0, "generation.slot": 1}, hint="running_answers")
        return {int(one["generation"]["slot"]) for one in found}

    def running(self) -> list[tuple[str, str, Generation]]:
        """(user id, conversation id, generation) of all answers that are being written, of all users.

        For the reaper, which ends the answers of dead workers and does not act for a user. Nothing of it is shown.
        """
        found = self._conversations.find(
            {"generation.slot": {"$exists": True}}, {"userId": 1, "generation": 1}, hint="running_answers"
        )
        return [(str(one["userId"]), str(one["_id"]), generation_from(one["generation"])) for one in found]

    def _running(self, answer: Message) -> Document:
        return {**self._reader.owned(answer.user_id, answer.conversation_id), "generation.messageId": answer.id}
