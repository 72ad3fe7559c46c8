"""What a model is asked, and what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict

from chatapp.models.chat_models import FinishReason, Usage


class PromptMessage(TypedDict):
    """One message of what the model is given."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What a model is asked: ``messages`` oldest first; what is None is left to the provider."""

    model: str
    messages: Sequence[PromptMessage]
    temperature: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of what the model thought before it answered. It is not part of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of a complete answer. ``usage`` is None where the provider did not say."""

    usage: Usage | None
    reason: FinishReason


Piece = str | Reasoning | Finish
"""What ``ModelProvider.stream`` gives: text and reasoning as they come, none of it empty, and one ``Finish`` last."""
