"""Counts the tokens of messages.

There are three ways; each is used if the one before is not enough:

1. No tokenizer makes more tokens than there are bytes, so what fits by its bytes need not be counted.
2. The server's own tokenizer, if it has one (llama.cpp and vLLM do). It is exact.
3. OpenAI's ``o200k_base``: exact for OpenAI's models, with a margin for all others.

docs/decisions has the figures.
"""

import math
import re
from collections.abc import Hashable
from typing import Protocol

from cachetools import LRUCache

from chatapp.models.chat_models import Message
from chatapp.providers import openai_tokenizer

_MOST_CACHED = 10_000
_MARGIN = 1.25
_OPENAI_MODEL = re.compile(r"(^|/)(gpt-4o|gpt-4\.|gpt-5|gpt-oss|chatgpt-|o\d)")


class TextCounter(Protocol):
    """Counts the tokens of a text for a model. ``count`` returns None if it cannot."""

    def count(self, model: str, text: str) -> int | None: ...


class TokenCounter:
    """Counts messages and remembers the counts of the last 10,000."""

    def __init__(self, server: TextCounter) -> None:
        self._server = server
        self._counts: LRUCache[Hashable, int] = LRUCache(_MOST_CACHED)

    def at_most(self, model: str, message: Message) -> int:
        """An upper bound for ``message``, in microseconds: its count if it is known, or else its bytes."""
        known = self._counts.get(_key(model, message))
        return message.size if known is None else known

    def of_message(self, model: str, message: Message) -> int:
        """The tokens of ``message``. May ask the server."""
        return self._remembered(_key(model, message), model, message.content)

    def of_text(self, model: str, text: str) -> int:
        """The tokens of ``text`` alone, outside of a conversation. May ask the server."""
        return self._remembered((model, len(text), hash(text)), model, text)

    def _remembered(self, key: Hashable, model: str, text: str) -> int:
        known = self._counts.get(key)
        if known is None:
            known = self._counts[key] = self._counted(model, text)
        return known

    def _counted(self, model: str, text: str) -> int:
        size = len(text.encode())
        counted = self._server.count(model, text)
        if counted is not None:
            return counted
        margin = 1.0 if _OPENAI_MODEL.search(model) else _MARGIN
        return min(size, math.ceil(openai_tokenizer.count(text) * margin))


def _key(model: str, message: Message) -> Hashable:
    """Clients choose ids, so they are only unique within a conversation. A message can grow under the same id."""
    return model, message.conversation_id, message.id, len(message.content)
