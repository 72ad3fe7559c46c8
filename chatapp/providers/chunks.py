"""Reads the chunks of a streamed answer.

The ``openai`` client would build a validated object for every chunk, which costs more than everything else that a
chunk passes through; here only what an answer needs is taken out of its JSON.
"""

from __future__ import annotations

import json

from chatapp.models.chat_models import Usage
from chatapp.models.failures import FailureCode
from chatapp.providers.errors import ProviderError, from_error_object

LONGEST_EVENT = 8_388_608
"""Bytes of one event that are waited for. An answer of 100,000 tokens fits into one event many times."""


class ChunkReader:
    """Takes the bytes of a response as they come and gives back the text in them.

    ``reason`` is why the answer ended, ``usage`` what it cost, both None until the provider says so; ``done`` is
    whether it said that nothing more follows, ``complete`` whether it said either; ``empty`` whether no text came.
    ``failure`` is what broke the answer off, to be raised once the text before it has been passed on.
    """

    __slots__ = ("_foreign", "_high", "_rest", "complete", "done", "empty", "failure", "reason", "usage")

    def __init__(self) -> None:
        self._rest = b""
        self._high = ""
        self._foreign = False
        self.failure: ProviderError | None = None
        self.reason: str | None = None
        self.usage: Usage | None = None
        self.done = False
        self.complete = False
        self.empty = True

    def feed(self, data: bytes) -> str:
        """The text in ``data``, joined, from all the events that end in it."""
        if self._rest:
            data = self._rest + data
        lines = data.split(b"\n")
        self._rest = lines.pop()
        parts: list[str] = []
        try:
            for line in lines:
                if line.startswith(b"data:"):
                    parts.append(self._event(line[5:].strip()))
                elif not _is_of_stream(line):
                    self._foreign = True
            if len(self._rest) > LONGEST_EVENT:
                raise ProviderError(FailureCode.MALFORMED_ANSWER)
        except ProviderError as error:
            self.failure = error
        text = "".join(parts)
        if not text:
            return ""
        text = self._joined(text)
        self.empty = self.empty and not text
        return text

    def end(self) -> str:
        """The text still held back when the response has ended.

        Raises:
            ProviderError: ``connection_lost``, the provider never said that the answer was complete, or
                ``malformed_answer``, what it sent was something else altogether, such as a page.
        """
        if self._rest.startswith(b"data:") and self._rest[5:].strip() == b"[DONE]":
            self.complete = True
        if not self.complete:
            foreign = self._foreign or not _is_of_stream(self._rest)
            unreadable = self.empty and foreign
            raise ProviderError(FailureCode.MALFORMED_ANSWER if unreadable else FailureCode.CONNECTION_LOST)
        held, self._high = self._high, ""
        self.empty = self.empty and not held
        return "\ufffd" if held else ""

    def _event(self, data: bytes) -> str:
        if data == b"[DONE]":
            self.done = self.complete = True
            return ""
        try:
            chunk = json.loads(data)
        except ValueError:
            raise ProviderError(FailureCode.MALFORMED_ANSWER) from None
        if not isinstance(chunk, dict):
            raise ProviderError(FailureCode.MALFORMED_ANSWER)
        if chunk.get("error"):
            raise from_error_object(chunk)
        usage = chunk.get("usage")
        if usage is not None:
            self.usage = _usage(usage) or self.usage
        choices = chunk.get("choices")
        return self._choice(choices) if choices else ""

    def _choice(self, choices: object) -> str:
        try:
            choice = choices[0]  # type: ignore[index]
            reason = choice.get("finish_reason")
            text = (choice.get("delta") or {}).get("content") or ""
        except (KeyError, TypeError, AttributeError):
            raise ProviderError(FailureCode.MALFORMED_ANSWER) from None
        if not isinstance(text, str):
            raise ProviderError(FailureCode.MALFORMED_ANSWER)
        if reason:
            if reason == "error":
                raise ProviderError(FailureCode.PROVIDER_FAILED)
            self.reason = str(reason)
            self.complete = True
        return text

    def _joined(self, text: str) -> str:
        """``text`` with no lone surrogate: a pair split over two chunks is joined, half a pair becomes U+FFFD."""
        if self._high:
            text, self._high = self._high + text, ""
        elif text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _is_of_stream(line: bytes) -> bool:
    """Whether a line, or the beginning of one, can stand in an event stream."""
    line = line.strip()
    return not line or line.startswith((b":", b"data", b"event", b"id", b"retry")) or b"data:".startswith(line)


def _usage(usage: object) -> Usage | None:
    """Some servers leave a number out while the answer is running."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if isinstance(prompt, int) and isinstance(completion, int):
        return Usage(prompt, completion)
    return None
