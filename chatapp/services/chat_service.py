"""Chatting: chat sessions on conversations, turns in them, and following their answers."""

from collections.abc import Iterator
from typing import Unpack

from cachetools import TTLCache

from chatapp.errors import Busy
from chatapp.generation.engine import GenerationEngine
from chatapp.generation.follow import Event, follow
from chatapp.generation.reserve import Reservations, running_answer
from chatapp.generation.text import AnswerText
from chatapp.generation.turn import AnotherAnswer, Reserved, SentBefore, Turn
from chatapp.models.chat_models import ChatSession, Message, MessageStatus, NewConversation, NewMessage, Page
from chatapp.providers.catalog import ModelCatalog
from chatapp.repositories.chat_session_repository import ChatSessionRepository
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.services.conversation_service import ConversationService
from chatapp.services.message_service import MessageService

_REMEMBERED_FOR = 3600
"""Seconds for which a worker remembers a session. Its last use is recorded no more often than that."""


class ChatService:
    """Every call names the user. A session, conversation or message of another user raises ``NotOwner``."""

    def __init__(
        self,
        sessions: ChatSessionRepository,
        conversations: ConversationRepository,
        conversation_service: ConversationService,
        messages: MessageService,
        reservations: Reservations,
        engine: GenerationEngine,
        models: ModelCatalog,
    ) -> None:
        self._sessions = sessions
        self._conversations = conversations
        self._conversation_service = conversation_service
        self._messages = messages
        self._reservations = reservations
        self._engine = engine
        self._models = models
        self._recent: TTLCache[tuple[str, str], ChatSession] = TTLCache(maxsize=10_000, ttl=_REMEMBERED_FOR)

    def start(self, user_id: str, conversation_id: str | None, **new: Unpack[NewConversation]) -> ChatSession:
        """A session on one of the user's conversations, or on a ``new`` one.

        Raises:
            ConversationNotFound, NotOwner: ``conversation_id`` does not exist, or is another user's.
            ConversationNotFound: the conversation made with the same ``key`` has been deleted for good.
            UnknownModel: the model cannot be chosen.
            ProjectNotFound, NotOwner: the user has no such project.
        """
        if conversation_id is None:
            conversation = self._conversation_service.create(user_id, **new)
        else:
            conversation = self._conversations.get(user_id, conversation_id)
        return self._sessions.create(user_id, conversation.id)

    def send(self, user_id: str, session_id: str, message: NewMessage) -> Turn:
        """Stores the message and starts the answer. Sending the same message again joins the turn that it began.

        Raises:
            ChatSessionNotFound, ChatSessionExpired, NotOwner: the session cannot be used.
            TurnInProgress, MessageIdTaken, ConversationInTrash, TooManyAnswers, Busy, Invalid: nothing was stored.
            UnknownModel: likewise; the model of this turn cannot be chosen.
        """
        default_model = self._default_model(message.model)
        with self._engine.admit():
            conversation_id = self._session(user_id, session_id).conversation_id
            taken = self._reservations.for_message(user_id, conversation_id, message, default_model)
            if isinstance(taken, Reserved):
                return self._engine.write(taken)
        return self._joined(taken)

    def regenerate(self, user_id: str, session_id: str, wanted: AnotherAnswer) -> Turn:
        """Starts another answer beside a stored one. Asking again for the same one joins it. Raises as ``send``."""
        default_model = self._default_model(wanted.model)
        with self._engine.admit():
            conversation_id = self._session(user_id, session_id).conversation_id
            taken = self._reservations.for_another_answer(user_id, conversation_id, wanted, default_model)
            if isinstance(taken, Reserved):
                return self._engine.write(taken)
        return self._joined(taken)

    def listen(
        self, user_id: str, session_id: str, after: int | None, answer_id: str | None = None, reasoned: int = 0
    ) -> Iterator[Event] | None:
        """Joins the answer being written, if there is one, from the position ``after`` (UTF-16 code units) on.

        ``reasoned`` is the position in its reasoning. ``answer_id`` says which answer the positions belong to: another
        answer is told from its beginning.
        """
        session = self._session(user_id, session_id)
        window = self._conversations.window(user_id, session.conversation_id)
        if window.conversation.generation is None:
            return None
        answer = running_answer(window)
        question = next((message for message in window.messages if message.id == answer.parent_id), None)
        turn = Turn(question, answer, self._engine.text_of(answer))
        return follow(turn, after, reasoned) if answer_id in (None, answer.id) else follow(turn)

    def stop(self, user_id: str, session_id: str) -> None:
        """Stops the answer being written, if there is one. The text so far is kept."""
        session = self._session(user_id, session_id)
        window = self._conversations.window(user_id, session.conversation_id)
        if window.conversation.generation is not None:
            self._engine.stop(running_answer(window))

    def history(self, user_id: str, session_id: str, *, limit: int, cursor: str | None = None) -> Page[Message]:
        """A page of the conversation's active branch, the newest first."""
        session = self._session(user_id, session_id)
        return self._messages.page(user_id, session.conversation_id, limit=limit, cursor=cursor)

    def _session(self, user_id: str, session_id: str) -> ChatSession:
        """The session. It never changes while it lives, so remembering it saves a read in every turn."""
        known = self._recent.get((user_id, session_id))
        if known is None:
            known = self._sessions.get(user_id, session_id)
            self._sessions.touch(known)
            self._recent[user_id, session_id] = known
        return known

    def _default_model(self, wanted: str | None) -> str:
        """The model for conversations that name none. Checks the one that is wanted for this turn, if any is."""
        if wanted is not None:
            self._models.check(wanted)
        return self._models.default() or ""

    def _joined(self, before: SentBefore) -> Turn:
        if before.answer.status is MessageStatus.STREAMING:
            return Turn(before.user_message, before.answer, self._engine.text_of(before.answer))
        text = AnswerText()
        text.end(before.answer)
        return Turn(before.user_message, before.answer, text)


def wait_for_answer(turn: Turn, seconds: float) -> Message:
    """Waits for the answer to end, and gives it as it is stored.

    Raises:
        Busy: the answer has not ended within so many ``seconds``, or this worker ends before it does. The answer goes
            on, and the same message can be sent again.
    """
    turn.text.wait_for_end(seconds)
    if turn.text.ended is None:
        raise Busy(retry_after=1)
    return turn.text.ended
