"""What a language model is asked, and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypedDict

from chatapp.models.chat_models import FinishReason, Usage


class PromptMessage(TypedDict):
    """One message of a prompt."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A prompt and its settings. ``messages``: oldest first. What is None is left to the provider.

    ``extra``: parameters that this provider alone knows.
    """

    model: str
    messages: Sequence[PromptMessage]
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    extra: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReasoningText:
    """A piece of the model's reasoning. It is not part of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of a complete answer. ``usage`` is None if the provider does not report it."""

    usage: Usage | None
    reason: FinishReason


Piece = str | ReasoningText | Finish
"""What ``ModelProvider.stream`` yields: pieces of text and reasoning, none of them empty, and one ``Finish`` last."""
