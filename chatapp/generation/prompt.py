"""Puts a turn to the provider, and puts it once more in other words where that may help."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain

from chatapp.generation.context import ModelContext, Prompt
from chatapp.generation.continuation import joined_to, request_to_continue
from chatapp.generation.patience import outlast
from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import Message
from chatapp.models.failures import FailureCode
from chatapp.providers.catalog import ModelCatalog
from chatapp.providers.chat import ChatRequest, Piece
from chatapp.providers.errors import ProviderError
from chatapp.providers.openai_provider import ModelProvider
from chatapp.repositories.conversation_repository import MessageRepository

_NOT_THE_PROMPTS_FAULT = frozenset(
    {
        FailureCode.NOT_CONFIGURED,
        FailureCode.UNREACHABLE,
        FailureCode.TIMEOUT,
        FailureCode.THROTTLED,
        FailureCode.MODEL_LOADING,
        FailureCode.KEY_REFUSED,
        FailureCode.QUOTA_EXCEEDED,
        FailureCode.WRONG_ADDRESS,
    }
)
"""Another prompt would fail in the same way, or only add to what the provider already cannot cope with."""

_SMALLEST_SHARE = 0.25


@dataclass(frozen=True, slots=True)
class _Attempt:
    """How a prompt is built: from which share of the context window, and whether with unanswered questions."""

    share: float = 1.0
    unanswered: bool = True


class Prompts:
    """Builds the prompt of a turn from the conversation's branch, and asks the provider."""

    def __init__(
        self, messages: MessageRepository, context: ModelContext, provider: ModelProvider, models: ModelCatalog
    ) -> None:
        self._messages = messages
        self._context = context
        self._provider = provider
        self._models = models

    def ask(self, reserved: Reserved) -> Generator[Piece, None, None]:
        """The answer, piece by piece as it comes, and what ended it last.

        While nothing has come of it, a prompt that failed is put again: once without the questions that were never
        answered, and with a smaller share of the context window where the provider says that it was too long (what a
        provider counts may differ from what is counted here).

        Raises:
            ProviderError: at any point.
            PyMongoError: the conversation could not be read for ten minutes.
        """
        attempt = _Attempt()
        while True:
            prompt = outlast(partial(self._prompt, reserved, attempt), f"the prompt of answer {reserved.answer.id}")
            begun = False
            try:
                for piece in self._stream(reserved, prompt):
                    begun = True
                    yield piece
            except ProviderError as error:
                following = None if begun else _next(attempt, prompt, error)
                if following is None:
                    raise
                attempt = following
            else:
                return

    def _stream(self, reserved: Reserved, prompt: Prompt) -> Iterator[Piece]:
        request = _request(reserved, prompt)
        if not reserved.begins_with:
            return self._provider.stream(request)
        prefill = self._models.prefill(request.model)
        if prefill is not None:
            return self._provider.stream(replace(request, extra=prefill))
        asked = [*request.messages, request_to_continue(reserved.begins_with)]
        return joined_to(reserved.begins_with, self._provider.stream(replace(request, messages=asked)))

    def _prompt(self, reserved: Reserved, attempt: _Attempt) -> Prompt:
        conversation = reserved.window.conversation
        return self._context.build(
            conversation.system_prompt,
            self._branch(reserved),
            model=reserved.answer.model or "",
            max_tokens=conversation.max_tokens,
            share=attempt.share,
            unanswered=attempt.unanswered,
        )

    def _branch(self, reserved: Reserved) -> Iterator[Message]:
        """The messages that lead to the answer, the newest first; one that goes on follows what it continues."""
        if reserved.user_message is None:
            leaf = reserved.answer.continues or reserved.answer.parent_id
            return self._messages.branch(reserved.window, from_message_id=leaf)
        parent_id = reserved.user_message.parent_id
        earlier = self._messages.branch(reserved.window, from_message_id=parent_id) if parent_id else iter(())
        return chain([reserved.user_message], earlier)


def _request(reserved: Reserved, prompt: Prompt) -> ChatRequest:
    conversation = reserved.window.conversation
    return ChatRequest(
        reserved.answer.model or "",
        prompt.messages,
        conversation.temperature,
        conversation.top_p,
        conversation.max_tokens,
    )


def _next(attempt: _Attempt, prompt: Prompt, error: ProviderError) -> _Attempt | None:
    """The attempt after one that failed before anything came of it; ``None`` where another cannot help."""
    if prompt.has_unanswered and error.code not in _NOT_THE_PROMPTS_FAULT:
        return replace(attempt, unanswered=False)
    if error.code == FailureCode.CONTEXT_TOO_LONG and attempt.share > _SMALLEST_SHARE:
        return replace(attempt, share=attempt.share / 2)
    return None
