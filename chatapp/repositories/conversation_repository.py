"""Conversations and their messages in MongoDB. Every query names the owner."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.clock import utc_now
from chatapp.errors import ConversationInTrash, ConversationNotFound, StoreUnavailable
from chatapp.models.chat_models import Conversation, Generation, Message, Page, Window
from chatapp.repositories.appending import room_for, turn_begun, turn_ended, unchanged
from chatapp.repositories.changes import conversation_created, conversation_updated, last_change
from chatapp.repositories.conversation_list import list_conversations
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.documents import HEADER, Document, conversation_document, conversation_from, generation_from
from chatapp.repositories.errors import SlotTaken
from chatapp.repositories.ids import id_for_key
from chatapp.repositories.limits import HARD_WINDOW_BYTES, WINDOW_BYTES, WINDOW_MESSAGES
from chatapp.repositories.message_overflow import MessageOverflow
from chatapp.repositories.message_repository import MessageRepository
from chatapp.repositories.purging import Purging

__all__ = ["ConversationRepository", "MessageRepository", "SlotTaken"]

_STORED_NAMES = {
    "title": "title",
    "pinned": "pinned",
    "archived": "archived",
    "tags": "tags",
    "model": "model",
    "system_prompt": "systemPrompt",
    "temperature": "temperature",
    "max_tokens": "maxTokens",
    "active_message_id": "activeMessageId",
}
_ATTEMPTS = 10


class ConversationRepository:
    """The collection ``conversations``: one document for each, the newest messages inside it."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._reader = ConversationReader(database)
        self._overflow = MessageOverflow(database)
        self._purging = Purging(database)

    def create(
        self,
        user_id: str,
        *,
        title: str = "",
        model: str | None = None,
        system_prompt: str | None = None,
        tags: tuple[str, ...] = (),
        temporary: bool = False,
        key: str | None = None,
    ) -> Conversation:
        """A new conversation without messages. A temporary one is in no list and goes a day after it was last used.

        With a ``key`` it is made once: the same key of the same user gives the conversation that it made before, as it
        is by now.

        Raises:
            ConversationNotFound: the one that ``key`` made is gone for good.
        """
        now = utc_now()
        conversation = Conversation(
            id=str(id_for_key(user_id, key) if key else ObjectId()),
            user_id=user_id,
            title=title,
            model=model,
            system_prompt=system_prompt,
            temperature=None,
            max_tokens=None,
            pinned=False,
            archived=False,
            tags=tags,
            temporary=temporary,
            created_at=now,
            updated_at=now,
            trashed_at=None,
            message_count=0,
            active_message_id=None,
            generation=None,
        )
        document = conversation_document(conversation)
        document["lastChange"] = last_change(user_id, conversation_created())
        if key:
            return self._made_once(conversation, document)
        self._conversations.insert_one(document)
        return conversation

    def made_with(self, user_id: str, key: str) -> Conversation | None:
        """The conversation that ``create`` has made with this ``key``, unless it is gone for good."""
        try:
            return self.get(user_id, str(id_for_key(user_id, key)))
        except ConversationNotFound:
            return None

    def get(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation without its messages.

        Raises:
            ConversationNotFound: there is none with this id, or it is gone for good.
            NotOwner: it is somebody else's.
        """
        return self._reader.header(user_id, conversation_id)

    def window(self, user_id: str, conversation_id: str) -> Window:
        """The conversation with its newest messages, in one read. Raises as ``get``."""
        return self._reader.window(user_id, conversation_id)

    def list(
        self,
        user_id: str,
        *,
        limit: int,
        cursor: str | None = None,
        archived: bool | None = None,
        tag: str | None = None,
        trashed: bool = False,
    ) -> Page[Conversation]:
        """A page of the user's conversations, temporary ones left out; ``archived=None`` takes both kinds.

        Raises:
            Invalid: the cursor is none.
        """
        # These conditions stand in the partial indexes as well: see chatapp.database.indexes.
        chosen: Document = {"userId": ObjectId(user_id), "temporary": False}
        chosen["trashedAt"] = {"$type": "date"} if trashed else None
        if archived is not None:
            chosen["archived"] = archived
        if tag is not None:
            chosen.update({"tags": tag, "tags.0": {"$exists": True}})
        return list_conversations(self._conversations, chosen, limit, cursor)

    def update(self, user_id: str, conversation_id: str, changes: Mapping[str, Any]) -> Conversation:
        """Sets the fields that ``changes`` names (as the model names them); none of it counts as activity.

        Raises:
            ConversationNotFound, NotOwner: as ``get``.
            ConversationInTrash: it may be read, not written.
            TurnInProgress: another message cannot be shown while an answer is being written.
        """
        stored = {_STORED_NAMES[name]: value for name, value in changes.items()}
        if not stored:
            return self._writable(user_id, conversation_id)
        condition: Document = {"trashedAt": None}
        if "activeMessageId" in stored:
            condition["generation"] = None
        stored["lastChange"] = last_change(user_id, conversation_updated(stored))
        return self._set(user_id, conversation_id, condition, {"$set": stored})

    def trash(self, user_id: str, conversation_id: str) -> Conversation:
        """Puts it into the trash, where it stays as it is; one that is there already stays there. Raises as ``get``."""
        changed = {"trashedAt": utc_now(), "lastChange": last_change(user_id, conversation_updated(["trashedAt"]))}
        try:
            return self._set(user_id, conversation_id, {"trashedAt": None}, {"$set": changed})
        except ConversationInTrash:
            return self.get(user_id, conversation_id)

    def restore(self, user_id: str, conversation_id: str) -> Conversation:
        """Takes it out of the trash; one that is not there stays as it is. Raises as ``get``."""
        changed = {"trashedAt": None, "lastChange": last_change(user_id, conversation_updated(["trashedAt"]))}
        owned = {**self._reader.owned(user_id, conversation_id), "trashedAt": {"$type": "date"}}
        self._conversations.update_one(owned, {"$set": changed})
        return self.get(user_id, conversation_id)

    def purge(self, user_id: str, conversation_id: str) -> None:
        """Deletes it for good, with its messages, pages, running answer and chat sessions. Raises as ``get``."""
        if not self._purging.purge(self._reader.owned(user_id, conversation_id)):
            self._reader.explain(user_id, conversation_id, {})
            raise ConversationNotFound

    def begin_turn(
        self, window: Window, user_message: Message | None, answer: Message, slot: int, *, title: str | None
    ) -> bool:
        """Stores the user's message and claims the answer's place, in one step.

        ``user_message`` is ``None`` where a message that is stored already is answered. Both messages name their
        siblings.

        Returns:
            False where the conversation is not as ``window`` shows it any more, or takes no turn: read it again.

        Raises:
            SlotTaken: another answer of this user holds ``slot``.
        """
        conversation = window.conversation
        condition = unchanged(window)
        if title is not None:
            condition["title"] = conversation.title  # a name that somebody gives it meanwhile stays
        if user_message is not None:
            condition.update(room_for(user_message))
            if window.byte_count + user_message.size > HARD_WINDOW_BYTES:
                self._overflow.shorten(conversation.user_id, conversation.id)
        update = turn_begun(user_message, answer, slot, title)
        try:
            return self._conversations.update_one(condition, update).matched_count == 1
        except DuplicateKeyError:
            raise SlotTaken from None

    def end_turn(self, answer: Message) -> bool:
        """Stores the answer and frees the conversation, in one step; a full window is shortened before that.

        Returns:
            False where somebody else has ended this answer, or the conversation is gone.
        """
        running = self._running(answer)
        bounded = {**running, **room_for(answer)}
        short = {**bounded, f"messages.{WINDOW_MESSAGES - 1}": {"$exists": False}}
        if answer.size < WINDOW_BYTES:
            short["windowBytes"] = {"$lte": WINDOW_BYTES - answer.size}
        update = turn_ended(answer)
        if self._conversations.update_one(short, update).matched_count:
            return True
        for _ in range(_ATTEMPTS):
            if self._conversations.find_one(running, {"_id": 1}) is None:
                return False
            self._overflow.shorten(answer.user_id, answer.conversation_id)
            if self._conversations.update_one(bounded, update).matched_count:
                return True
        raise LookupError(f"conversation {answer.conversation_id} does not take answer {answer.id}")

    def holds_turn(self, answer: Message) -> bool:
        """Whether this answer is the one being written in its conversation, by a write that a majority acknowledges.

        Unlike a read, the write cannot be answered by a primary that has been replaced and does not know it yet.
        """
        unchanged_id = {"$set": {"generation.messageId": answer.id}}
        return self._conversations.update_one(self._running(answer), unchanged_id).matched_count == 1

    def taken_slots(self, user_id: str) -> set[int]:
        """The slots that the user's running answers hold, read from the index alone."""
        query = {"userId": ObjectId(user_id), "generation.slot": {"$exists": True}}
        found = self._conversations.find(query, {"_id": 0, "generation.slot": 1}, hint="running_answers")
        return {int(one["generation"]["slot"]) for one in found}

    def running_answers(self) -> builtins.list[tuple[str, str, Generation]]:
        """(user, conversation, generation) of all answers that are being written.

        The one query here across all users: whoever looks after answers that a dead worker left behind knows no user.
        Nothing of it is shown to anybody.
        """
        found = self._conversations.find(
            {"generation.slot": {"$exists": True}}, {"userId": 1, "generation": 1}, hint="running_answers"
        )
        return [(str(one["userId"]), str(one["_id"]), generation_from(one["generation"])) for one in found]

    def housekeeping(self) -> int:
        """Deletes temporary conversations out of use, and what is left of purged ones; says how many it dealt with."""
        return self._purging.housekeeping()

    def _running(self, answer: Message) -> Document:
        return {**self._reader.owned(answer.user_id, answer.conversation_id), "generation.messageId": answer.id}

    def _made_once(self, new: Conversation, document: Document) -> Conversation:
        """Inserts it where it is not there. A write that finds it waits for the majority as the one that made it."""
        owned = self._reader.owned(new.user_id, new.id)
        for _ in range(_ATTEMPTS):
            try:
                written = self._conversations.update_one(owned, {"$setOnInsert": document}, upsert=True)
            except DuplicateKeyError:  # made by another call at this moment, or gone for good
                self._reader.explain(new.user_id, new.id, {})
            else:
                return self.get(new.user_id, new.id) if written.matched_count else new
        raise StoreUnavailable(retry_after=1)

    def _writable(self, user_id: str, conversation_id: str) -> Conversation:
        conversation = self.get(user_id, conversation_id)
        if conversation.trashed_at is not None:
            raise ConversationInTrash
        return conversation

    def _set(self, user_id: str, conversation_id: str, condition: Document, update: Document) -> Conversation:
        query = {**self._reader.owned(user_id, conversation_id), **condition}
        for _ in range(_ATTEMPTS):
            document = self._conversations.find_one_and_update(
                query, update, projection=HEADER, return_document=ReturnDocument.AFTER
            )
            if document is not None:
                return conversation_from(document)
            self._reader.explain(user_id, conversation_id, condition)
        raise StoreUnavailable(retry_after=1)
