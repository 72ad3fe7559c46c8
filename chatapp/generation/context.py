"""The part of a conversation that the model is given.

The system prompt, and as many of the newest messages as fit into the model's context window beside the answer:

- The answer's room is ``max_tokens`` where the conversation sets it (half the window at most), else a quarter of the
  window, 4,096 tokens at most.
- A message counts with its tokens (``chatapp.providers.tokens`` says how) and 8 more for what the model's template
  puts around it; 64 are kept for what the template puts before the first.
- The newest message of the user, and what follows it, is always included, or the turn fails: half a question misleads.
- A question that the provider refused is left out: it would have every later turn refused too. One whose answer failed
  in passing stays, unless the caller asks for a prompt without unanswered questions.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from chatapp.models.chat_models import Message, Role
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import PromptMessage
from chatapp.providers.errors import ProviderError
from chatapp.providers.tokens import TokenCounter

MESSAGE_TOKENS = 8
TEMPLATE_TOKENS = 64
MOST_ANSWER_TOKENS = 4096


class ContextWindows(Protocol):
    """Knows the context windows of language models, in tokens."""

    def context_tokens(self, model: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is given, the oldest message first.

    ``has_unanswered``: whether questions are among it, besides the newest, that nobody has answered.
    """

    messages: list[PromptMessage]
    has_unanswered: bool


class ModelContext:
    """Builds prompts."""

    def __init__(self, counter: TokenCounter, windows: ContextWindows) -> None:
        self._counter = counter
        self._windows = windows

    def build(
        self,
        system_prompt: str | None,
        branch: Iterable[Message],
        *,
        model: str,
        max_tokens: int | None = None,
        share: float = 1.0,
        unanswered: bool = True,
    ) -> Prompt:
        """The prompt for an answer to the newest message of ``branch``.

        Args:
            system_prompt: comes first and is never shortened.
            branch: the conversation's messages, the newest first; read only as far as they fit.
            model: whose window and tokenizer count.
            max_tokens: the limit of the answer.
            share: of the context window that is used, up to 1.
            unanswered: whether older questions without an answer are included.

        Raises:
            ProviderError: ``context_too_long``, the newest message of the user does not fit.
        """
        window = int(self._windows.context_tokens(model) * share)
        budget = window - answer_room(window, max_tokens) - TEMPLATE_TOKENS
        usable = _UsableMessages(branch, unanswered=unanswered)
        chosen = _Fitting(self._counter, model, budget, system_prompt).newest(iter(usable))
        return Prompt(_as_prompt(system_prompt, chosen), any(message.id in usable.unanswered_ids for message in chosen))


def answer_room(window: int, max_tokens: int | None) -> int:
    """Tokens of ``window`` that are left for the answer."""
    if max_tokens is not None:
        return min(max_tokens, window // 2)
    return min(MOST_ANSWER_TOKENS, window // 4)


class _UsableMessages:
    """The messages of a branch, the newest first, that belong into a prompt.

    ``unanswered_ids`` gathers, as they are passed, the questions besides the newest that have no answer.
    """

    def __init__(self, branch: Iterable[Message], *, unanswered: bool) -> None:
        self._branch = branch
        self._unanswered = unanswered
        self.unanswered_ids: set[str] = set()

    def __iter__(self) -> Iterator[Message]:
        follower: Message | None = None
        for message in self._branch:
            if message.content.strip() and self._belongs(message, follower):
                yield message
            follower = message

    def _belongs(self, message: Message, follower: Message | None) -> bool:
        if message.role is not Role.USER or follower is None or _is_answer(follower):
            return True
        if follower.error is not None and follower.error.refused:
            return False
        self.unanswered_ids.add(message.id)
        return self._unanswered


def _is_answer(message: Message) -> bool:
    return message.role is Role.ASSISTANT and bool(message.content.strip())


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
    """In the protocol's form. Two questions that meet become one message: many templates refuse two in a row."""
    prompt: list[PromptMessage] = [{"role": "system", "content": system_prompt}] if system_prompt else []
    first = len(prompt)
    for message in reversed(newest_first):
        if len(prompt) > first and prompt[-1]["role"] == message.role.value:
            prompt[-1] = {"role": message.role.value, "content": f"{prompt[-1]['content']}\n\n{message.content}"}
        else:
            prompt.append({"role": message.role.value, "content": message.content})
    return prompt
