"""Storing the end of an answer, whatever happens to the store meanwhile."""

from __future__ import annotations

import logging
from dataclasses import replace

import gevent
from pymongo.errors import PyMongoError

from chatapp.errors import MessageNotFound, NotFound
from chatapp.failpoints import reach
from chatapp.models.chat_models import Message, MessageStatus
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository

log = logging.getLogger(__name__)

_RETRY_EVERY = 0.5
_GIVE_UP_AFTER = 1200


class NotCommitted(Exception):
    """Another worker's end of this answer is not held by a majority of the replica set yet."""


class Finisher:
    """Ends answers in the store. Ending twice is harmless: the first to end an answer decides what it is."""

    def __init__(
        self, conversations: ConversationRepository, messages: MessageRepository, generations: GenerationRepository
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._generations = generations

    def finish(self, answer: Message, siblings: tuple[str, ...] = ()) -> Message:
        """Stores the end, waiting while the store is away, and gives the answer as it is stored.

        Raises:
            PyMongoError, NotCommitted: the store did not come back for ten minutes. What was flushed is ended by
                another worker.
        """
        for attempt in range(_GIVE_UP_AFTER):
            try:
                return self.finish_once(answer, siblings)
            except (PyMongoError, NotCommitted) as error:
                if attempt + 1 == _GIVE_UP_AFTER:
                    raise
                if attempt % 20 == 0:
                    log.warning("answer %s waits to be stored: %s", answer.id, type(error).__name__)
                gevent.sleep(_RETRY_EVERY)
        raise AssertionError("unreachable")

    def finish_once(self, answer: Message, siblings: tuple[str, ...] = ()) -> Message:
        """As ``finish``, trying once."""
        stored = answer
        if not self._conversations.end_turn(answer.user_id, answer.conversation_id, answer, siblings):
            stored = self._stored(answer)
        reach("turn.end_stored")
        self._generations.delete(answer.user_id, answer.id)
        return stored

    def stored_instead(self, answer: Message) -> Message:
        """What another worker stored in this answer's place."""
        while True:
            try:
                return self._stored(answer)
            except (PyMongoError, NotCommitted):
                gevent.sleep(_RETRY_EVERY)

    def _stored(self, answer: Message) -> Message:
        """The answer as it was stored by whoever was first; where the conversation is gone, what would have been."""
        try:
            window = self._conversations.window(answer.user_id, answer.conversation_id)
            running = window.conversation.generation
            if running is not None and running.message_id == answer.id:
                raise NotCommitted
            return self._messages.find(answer.user_id, answer.conversation_id, answer.id, window)[0]
        except (MessageNotFound, NotFound):
            return replace(answer, status=MessageStatus.INTERRUPTED)
