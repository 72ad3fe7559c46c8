"""Storing the end of an answer, whatever happens to the store meanwhile."""

import logging
from dataclasses import replace

from chatapp.errors import NotFound
from chatapp.failpoints import reach
from chatapp.generation.patience import NotCommitted, is_passing, outlast
from chatapp.models.chat_models import Message, MessageStatus
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository

log = logging.getLogger(__name__)


class Finisher:
    """Ends answers in the store. Ending twice is harmless: the first to end an answer decides what it is."""

    def __init__(self, conversations: ConversationRepository, messages: MessageRepository) -> None:
        self._conversations = conversations
        self._messages = messages

    def finish(self, answer: Message, user_message: Message | None = None) -> Message:
        """Stores the end, waiting while the store is away, and gives the answer as it is stored.

        ``user_message``, if one was stored when the answer began, is counted with it.

        Where the store refuses the answer, its text is stored without what came with it: nobody reads the figures of
        an answer, and somebody has read its text.

        Raises:
            PyMongoError, NotCommitted: the store did not come back for ten minutes. Another worker ends the answer
                with the text that was flushed.
            Exception: not even the text could be stored; likewise.
        """
        waiting = f"the end of answer {answer.id}"
        try:
            return outlast(lambda: self.finish_once(answer, user_message), waiting)
        except Exception as error:
            bare = replace(answer, usage=None, error=None, finish_reason=None)
            if bare == answer or is_passing(error):
                raise
            log.exception("answer %s is stored without what came with its text", answer.id)
            return outlast(lambda: self.finish_once(bare, user_message), waiting)

    def finish_once(self, answer: Message, user_message: Message | None = None) -> Message:
        """As ``finish``, trying once."""
        stored = answer
        if not self._conversations.turns.end(answer, user_message):
            ended = self.stored_end(answer)
            if ended is None:
                raise NotCommitted
            stored = ended
        reach("turn.end_stored")
        return stored

    def stored_end(self, answer: Message) -> Message | None:
        """The answer as its end was stored, by whichever worker; ``None`` while it is being written.

        Where the conversation is gone, what would have been stored.
        """
        try:
            window = self._conversations.window(answer.user_id, answer.conversation_id)
            running = window.conversation.generation
            if running is not None and running.message_id == answer.id:
                return None
            return self._messages.find(answer.user_id, answer.conversation_id, answer.id, window)[0]
        except NotFound:
            return replace(answer, status=MessageStatus.INTERRUPTED)
