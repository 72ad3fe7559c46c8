"""How many tokens a text takes.

Three ways, each taken where the one before does not serve:

1. A byte-level tokenizer makes at most one token of a byte, so what fits by its bytes needs no counting.
2. The server's own tokenizer, where it offers one (llama.cpp and vLLM do): exact.
3. OpenAI's ``o200k_base``: exact for OpenAI's models, for all others with a margin.

docs/decisions has the figures.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Hashable
from typing import Protocol

from chatapp.models.chat_models import Message
from chatapp.providers import o200k

_MOST_CACHED = 10_000
_MARGIN = 1.25
_OPENAI_MODEL = re.compile(r"(^|/)(gpt-4o|gpt-4\.|gpt-5|gpt-oss|chatgpt-|o\d)")


class TextCounter(Protocol):
    """Counts the tokens of a text for a model; None where it cannot."""

    def count(self, model: str, text: str) -> int | None: ...


class TokenCounter:
    """Counts messages, each only once as long as it is remembered."""

    def __init__(self, server: TextCounter) -> None:
        self._server = server
        self._cached: OrderedDict[Hashable, int] = OrderedDict()

    def at_most(self, model: str, message: Message) -> int:
        """Never less than what ``message`` takes, and what it takes exactly once it was counted. Takes microseconds."""
        key = _key(model, message)
        known = self._cached.get(key)
        if known is None:
            return message.size
        self._cached.move_to_end(key)
        return known

    def of_message(self, model: str, message: Message) -> int:
        """What ``message`` takes; may ask the server."""
        return self._remembered(_key(model, message), model, message.content)

    def of_text(self, model: str, text: str) -> int:
        """What ``text`` takes, without what its place in a conversation adds; may ask the server."""
        return self._remembered((model, len(text), hash(text)), model, text)

    def _remembered(self, key: Hashable, model: str, text: str) -> int:
        known = self._cached.get(key)
        if known is None:
            known = self._cached[key] = self._counted(model, text)
            if len(self._cached) > _MOST_CACHED:
                self._cached.popitem(last=False)
        return known

    def _counted(self, model: str, text: str) -> int:
        size = len(text.encode())
        counted = self._server.count(model, text)
        if counted is not None:
            return counted
        margin = 1.0 if _OPENAI_MODEL.search(model) else _MARGIN
        return min(size, math.ceil(o200k.count(text) * margin))


def _key(model: str, message: Message) -> Hashable:
    """An id is chosen by a client, and so is only one of its conversation; a message that grew is another one."""
    return model, message.conversation_id, message.id, len(message.content)
