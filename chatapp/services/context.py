"""What of a conversation the model is given.

The system prompt, and as many of the newest messages as fit into the model's context window beside the answer:

- The answer's room is ``max_tokens`` where the conversation sets it (half the window at most), else a quarter of the
  window, 4,096 tokens at most.
- A message counts with its tokens (``chatapp.providers.tokens`` says how) and 8 more for what the model's template
  puts around it; 64 are kept for what the template puts before the first.
- The newest user's message, and what follows it, is always there, or the turn fails: half a question misleads.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from chatapp.models.chat_models import Message, Role
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import PromptMessage
from chatapp.providers.errors import ProviderError
from chatapp.providers.tokens import TokenCounter

MESSAGE_TOKENS = 8
TEMPLATE_TOKENS = 64
MOST_ANSWER_TOKENS = 4096


class Windows(Protocol):
    """Knows the models' context windows, in tokens."""

    def context_tokens(self, model: str) -> int: ...


class ModelContext:
    """Builds what a model is given."""

    def __init__(self, counter: TokenCounter, windows: Windows) -> None:
        self._counter = counter
        self._windows = windows

    def build(
        self,
        system_prompt: str | None,
        branch: Iterable[Message],
        *,
        model: str,
        max_tokens: int | None = None,
        scale: float = 1.0,
    ) -> list[PromptMessage]:
        """The messages for the model, the oldest first.

        Args:
            system_prompt: comes first and is never shortened.
            branch: the conversation's messages, the newest first; read only as far as they fit.
            model: whose window and tokenizer count.
            max_tokens: the limit of the answer.
            scale: share of the window that is used. Where a provider says that it was too much all the same, the same
                again with less.

        Raises:
            ProviderError: ``context_too_long``, the newest user's message does not fit.
        """
        window = int(self._windows.context_tokens(model) * scale)
        budget = window - answer_room(window, max_tokens) - TEMPLATE_TOKENS
        fitting = _Fitting(self._counter, model, budget, system_prompt)
        chosen = fitting.newest(message for message in branch if message.content.strip())
        return _as_prompt(system_prompt, chosen)


def answer_room(window: int, max_tokens: int | None) -> int:
    """Tokens of ``window`` that are left for the answer."""
    if max_tokens is not None:
        return min(max_tokens, window // 2)
    return min(MOST_ANSWER_TOKENS, window // 4)


class _Fitting:
    """Takes messages while the budget lasts: counted by their bytes, and exactly once those are too many."""

    def __init__(self, counter: TokenCounter, model: str, budget: int, system_prompt: str | None) -> None:
        self._counter = counter
        self._model = model
        self._budget = budget
        self._system_prompt = system_prompt
        self._exact = False
        self._chosen: list[Message] = []
        self._spent = len(system_prompt.encode()) + MESSAGE_TOKENS if system_prompt else 0

    def newest(self, messages: Iterator[Message]) -> list[Message]:
        """As many of ``messages`` as fit, the newest first, ending with a user's."""
        has_question = False
        for message in messages:
            if not self._take(message):
                if not has_question:
                    raise ProviderError(FailureCode.CONTEXT_TOO_LONG)
                break
            has_question = has_question or message.role is Role.USER
        while self._chosen and self._chosen[-1].role is Role.ASSISTANT:
            self._chosen.pop()
        return self._chosen

    def _take(self, message: Message) -> bool:
        cost = self._cost(message)
        if self._spent + cost > self._budget and not self._exact:
            self._count_exactly()
            cost = self._cost(message)
        if self._spent + cost > self._budget:
            return False
        self._spent += cost
        self._chosen.append(message)
        return True

    def _cost(self, message: Message) -> int:
        count = self._counter.of_message if self._exact else self._counter.at_most
        return count(self._model, message) + MESSAGE_TOKENS

    def _count_exactly(self) -> None:
        self._exact = True
        self._spent = sum(self._cost(message) for message in self._chosen)
        if self._system_prompt:
            self._spent += self._counter.of_text(self._model, self._system_prompt) + MESSAGE_TOKENS


def _as_prompt(system_prompt: str | None, newest_first: list[Message]) -> list[PromptMessage]:
    """In the protocol's form. Where a failed answer was left out, two questions meet; many templates refuse that."""
    prompt: list[PromptMessage] = [{"role": "system", "content": system_prompt}] if system_prompt else []
    first = len(prompt)
    for message in reversed(newest_first):
        if len(prompt) > first and prompt[-1]["role"] == message.role.value:
            prompt[-1] = {"role": message.role.value, "content": f"{prompt[-1]['content']}\n\n{message.content}"}
        else:
            prompt.append({"role": message.role.value, "content": message.content})
    return prompt
