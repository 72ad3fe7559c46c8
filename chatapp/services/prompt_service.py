"""What the model is asked for a turn, and the answer as it comes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import Message
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import ChatRequest, Piece
from chatapp.providers.errors import ProviderError
from chatapp.providers.openai_provider import ModelProvider
from chatapp.repositories.conversation_repository import MessageRepository
from chatapp.services.context import ModelContext

_SCALES = (1.0, 0.5, 0.25)
"""Shares of the model's context window that are tried, while the provider says that it was asked too much."""


class PromptService:
    """Builds the model's context from the conversation's branch, and asks the provider."""

    def __init__(self, messages: MessageRepository, context: ModelContext, provider: ModelProvider) -> None:
        self._messages = messages
        self._context = context
        self._provider = provider

    def ask(self, reserved: Reserved) -> Iterator[Piece]:
        """Pieces of the answer's text as they come, then one ``Finish``.

        Raises:
            ProviderError: at any point.
        """
        begun = False
        for scale in _SCALES:
            try:
                for piece in self._provider.stream(self._request(reserved, scale)):
                    begun = True
                    yield piece
            except ProviderError as error:
                # What a provider counts may differ from what we count. One whose context is full in the middle of an
                # answer has failed: asked again, it would begin the answer anew behind what was told of it.
                if begun or error.code is not FailureCode.CONTEXT_TOO_LONG or scale == _SCALES[-1]:
                    raise
            else:
                return

    def _request(self, reserved: Reserved, scale: float) -> ChatRequest:
        conversation = reserved.window.conversation
        model = reserved.answer.model or ""
        messages = self._context.build(
            conversation.system_prompt,
            self._branch(reserved),
            model=model,
            max_tokens=conversation.max_tokens,
            scale=scale,
        )
        return ChatRequest(model, messages, conversation.temperature, conversation.max_tokens)

    def _branch(self, reserved: Reserved) -> Iterator[Message]:
        """The messages that lead to the answer, the newest first."""
        if reserved.user_message is None:
            return self._messages.branch(reserved.window, from_message_id=reserved.answer.parent_id)
        parent_id = reserved.user_message.parent_id
        earlier = self._messages.branch(reserved.window, from_message_id=parent_id) if parent_id else iter(())
        return chain([reserved.user_message], earlier)
