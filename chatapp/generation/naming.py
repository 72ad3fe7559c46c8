"""Asks the model for a conversation's title, once its first answer is there."""

import logging
from contextlib import closing

import gevent
from pymongo.errors import PyMongoError

from chatapp.generation.title import plain, title_from
from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import Message, MessageStatus
from chatapp.providers.chat import ChatRequest, PromptMessage
from chatapp.providers.errors import ProviderError
from chatapp.providers.openai_provider import ModelProvider
from chatapp.repositories.conversation_repository import ConversationRepository

log = logging.getLogger(__name__)

_SECONDS = 30.0
_QUOTED = 1000
"""How much of the question and of the answer the model is given, in characters."""

_MOST_TOKENS = 400
"""A title takes about ten; the rest is for models that reason first."""

_MOST_CHARS = 2000
"""After so many, no more is read: one that sends without an end would keep its worker busy."""

_INSTRUCTION = (
    "Write a title for this conversation: at most six words, in the language of the conversation, without quotation"
    " marks, without a full stop. Answer with the title alone."
)


class Titles:
    """Replaces the title that was made of the question, unless a person has chosen another meanwhile."""

    def __init__(self, conversations: ConversationRepository, provider: ModelProvider) -> None:
        self._conversations = conversations
        self._provider = provider

    def name(self, reserved: Reserved, answer: Message) -> None:
        """Nothing waits for it, and nothing depends on it: whatever fails, the title stays as it is."""
        if reserved.title is None or reserved.user_message is None or answer.status is not MessageStatus.COMPLETE:
            return
        try:
            with gevent.Timeout(_SECONDS):
                title = self._ask(reserved.user_message, answer)
            if title:
                self._conversations.retitle(answer.user_id, answer.conversation_id, reserved.title, title)
        except (ProviderError, PyMongoError, gevent.Timeout) as error:
            log.warning("conversation %s keeps its first title: %s", answer.conversation_id, type(error).__name__)

    def _ask(self, question: Message, answer: Message) -> str:
        prompt: list[PromptMessage] = [
            {"role": "user", "content": question.content[:_QUOTED]},
            {"role": "assistant", "content": answer.content[:_QUOTED]},
            {"role": "user", "content": _INSTRUCTION},
        ]
        request = ChatRequest(answer.model or "", prompt, max_tokens=_MOST_TOKENS)
        said = ""
        with closing(self._provider.stream(request)) as pieces:
            for piece in pieces:
                said += piece if isinstance(piece, str) else ""
                if len(said) > _MOST_CHARS:
                    break
        lines = [line for line in said.splitlines() if line.strip()]
        return title_from(plain(lines[0]).strip(" \"'“”„«».")) if lines else ""
