"""What people do with single messages, except having them answered."""

from dataclasses import replace

from chatapp.generation.reserve import running_answer
from chatapp.generation.text import joined
from chatapp.models.chat_models import Message, NewMessage, Page, Reasoning, Twig, Window
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository
from chatapp.repositories.message_marks import MessageMarks

_LOOKS = 3


class MessageService:
    """Every call names the user. Raises as ``ConversationService`` for conversations that are not theirs.

    ``marks`` sets and lists what readers leave on messages.
    """

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        generations: GenerationRepository,
        marks: MessageMarks,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._generations = generations
        self.marks = marks

    def page(self, user_id: str, conversation_id: str, *, limit: int, cursor: str | None = None) -> Page[Message]:
        """A page of the active branch, the newest page first, inside a page oldest first.

        An answer being written is the last message of the newest page, with the text that is stored of it so far.

        Raises:
            InvalidCursor: the cursor is invalid.
        """
        if cursor is not None:
            return self._messages.page(user_id, conversation_id, limit=limit, cursor=cursor)
        window, answer = self._read(user_id, conversation_id)
        if answer is None:
            return self._messages.page(user_id, conversation_id, limit=limit, window=window)
        stored = self._messages.page(user_id, conversation_id, limit=limit - 1, window=window)
        return Page((*stored.items, answer), stored.next_cursor)

    def page_around(self, user_id: str, conversation_id: str, message_id: str, *, limit: int) -> Page[Message]:
        """As ``MessageRepository.page_around``."""
        return self._messages.page_around(user_id, conversation_id, message_id, limit=limit)

    def tree(self, user_id: str, conversation_id: str, *, limit: int, cursor: str | None = None) -> Page[Twig]:
        """As ``MessageRepository.tree``."""
        return self._messages.tree(user_id, conversation_id, limit=limit, cursor=cursor)

    def get(self, user_id: str, conversation_id: str, message_id: str) -> Message:
        """One message; an answer being written with the text that is stored of it so far.

        Raises:
            MessageNotFound: it is not in the conversation.
        """
        window, answer = self._read(user_id, conversation_id)
        if answer is not None and answer.id == message_id:
            return answer
        return self._messages.find(user_id, conversation_id, message_id, window)[0]

    def save(self, user_id: str, conversation_id: str, message: NewMessage) -> Message:
        """Saves a message of a person without asking the model. Raises as ``MessageRepository.append``."""
        return self._messages.append(user_id, conversation_id, message)

    def _read(self, user_id: str, conversation_id: str) -> tuple[Window, Message | None]:
        """The conversation and the answer being written in it. Read again where that has ended in between."""
        window = self._conversations.window(user_id, conversation_id)
        for _ in range(_LOOKS):
            if window.conversation.generation is None:
                break
            answer = self._running(window)
            if answer is not None:
                return window, answer
            window = self._conversations.window(user_id, conversation_id)
        return window, None

    def _running(self, window: Window) -> Message | None:
        """The answer being written; ``None`` where it has ended since the conversation was read."""
        answer = running_answer(window)
        written = self._generations.read(answer.user_id, answer.id)
        if written is None and self._has_ended(answer):
            return None
        siblings = self._messages.children(window, answer.parent_id)
        return replace(
            answer,
            content=joined(written.chunks) if written else "",
            reasoning=Reasoning(joined(written.reasoning)) if written and written.reasoning else None,
            sibling_ids=siblings if len(siblings) > 1 else (),
        )

    def _has_ended(self, answer: Message) -> bool:
        generation = self._conversations.get(answer.user_id, answer.conversation_id).generation
        return generation is None or generation.message_id != answer.id
