"""Reads an answer out of the bytes of a response, from the first to the last."""

import json

from chatapp.models.chat_models import FinishReason, Usage
from chatapp.models.failures import FailureCode
from chatapp.providers.answer_text import Part, Surrogates, ThinkTags
from chatapp.providers.answers import Meaning, failure_without_text, meaning_of
from chatapp.providers.chat import Finish, ReasoningText
from chatapp.providers.errors import ProviderError, from_event
from chatapp.providers.events import Event, EventReader, StrayLine

MOST_SILENT_BYTES = 4_194_304
"""How many bytes may arrive in a row without any of the answer: a line or event that never ends, or empty ones.

An answer can have 1,000,000 bytes, and JSON can turn each into three.
"""

_decode = json.JSONDecoder(strict=False).decode


class AnswerReader:
    """Takes the bytes of a response as they arrive and returns the pieces of the answer in them.

    ``complete``: the provider has said that the answer has ended. ``done``: it has said that nothing more follows.
    ``failure``: why the answer broke off, to be raised after the pieces before it have been passed on.
    """

    def __init__(self) -> None:
        self.done = False
        self.failure: ProviderError | None = None
        self._reason: FinishReason | None = None
        self._usage: Usage | None = None
        self._events = EventReader()
        self._tags = ThinkTags()
        self._text = Surrogates()
        self._reasoning = Surrogates()
        self._parts: list[tuple[bool, list[str]]] = []
        self._document: list[str] = []
        self._silent_bytes = 0
        self._has_text = False
        self._has_deltas = False
        self._wants_tool = False
        self._is_unreadable = False

    @property
    def complete(self) -> bool:
        return self.done or self._reason is not None

    def feed(self, data: bytes) -> list[str | ReasoningText]:
        """The pieces that ``data`` completes. None is empty, and neighbours of the same kind are joined."""
        try:
            for item in self._events.feed(data):
                self._take(item)
            self._silent_bytes = 0 if self._parts else self._silent_bytes + len(data)
            if self._silent_bytes > MOST_SILENT_BYTES:
                raise ProviderError(FailureCode.MALFORMED_ANSWER)
        except ProviderError as error:
            self.failure = error
        except RecursionError:  # lists in lists, fewer than the JSON decoder minds
            self.failure = ProviderError(FailureCode.MALFORMED_ANSWER)
        return self._take_pieces()

    def end(self) -> list[str | ReasoningText]:
        """The pieces that were still held back when the response ended.

        The standard drops an event that has no empty line after it. But some providers end the response right after
        ``[DONE]`` or their last event. An event that was really cut off is recognized by its JSON, which is not valid.
        """
        try:
            for item in self._events.leftover():
                self._take(item)
            self._take_document()
        except ProviderError as error:
            if error.code is not FailureCode.MALFORMED_ANSWER:
                self.failure = error
        self._add(self._tags.end())
        pieces = self._take_pieces()
        half = self._text.end()
        return [*pieces, half] if half else pieces

    def finish(self) -> Finish:
        """The end of a complete answer.

        Raises:
            ProviderError: the provider failed, never said that the answer had ended, or sent no text.
        """
        if self.failure is not None:
            raise self.failure
        if not self.complete:
            is_no_answer = self._is_unreadable and not self._has_text
            raise ProviderError(FailureCode.MALFORMED_ANSWER if is_no_answer else FailureCode.CONNECTION_LOST)
        reason = self._reason or FinishReason.STOP
        if not self._has_text:
            raise ProviderError(failure_without_text(reason, wanted_tool=self._wants_tool))
        return Finish(self._usage, reason)

    def _take(self, item: Event | StrayLine) -> None:
        if self.done or self.failure is not None:
            return  # nothing after the end counts
        if isinstance(item, StrayLine):
            self._take_stray(item)
            return
        data = item.data.strip()
        if item.name == "error":
            raise from_event(data)
        if data == "[DONE]":
            self.done = True
        elif data:
            self._take_json(data)

    def _take_json(self, data: str) -> None:
        try:
            chunk = _decode(data)
        except (ValueError, RecursionError):
            # Some servers leave out the empty line between events, which makes one event of several.
            lines = data.split("\n")
            if len(lines) == 1:
                raise ProviderError(FailureCode.MALFORMED_ANSWER) from None
            for line in lines:
                self._take(Event("message", line))
        else:
            self._take_chunk(chunk)

    def _take_chunk(self, chunk: object) -> Meaning:
        meaning = meaning_of(chunk)
        self._usage = meaning.usage or self._usage
        self._wants_tool = self._wants_tool or meaning.wants_tool
        if meaning.parts and not (meaning.is_whole and self._has_deltas):  # a whole message after deltas repeats them
            self._has_deltas = self._has_deltas or not meaning.is_whole
            self._reason = None  # the answer goes on, whatever was said before
            for is_reasoning, text in meaning.parts:
                self._add([(True, text)] if is_reasoning else self._tags.feed(text))
        if isinstance(meaning.reason, FailureCode):
            raise ProviderError(meaning.reason)
        self._reason = meaning.reason or self._reason
        return meaning

    def _take_stray(self, line: str) -> None:
        """A line outside of events: an error, a web page, or JSON although a stream was asked for."""
        name, _, value = line.partition(":")
        if name.strip().lower() == "error":
            raise from_event(value)
        if self._has_text and not line.startswith("{"):
            return
        if not self._document and line.lstrip().startswith("<"):
            raise ProviderError(FailureCode.WRONG_ADDRESS)
        self._document.append(line)
        if len(self._document) == 1:
            self._take_document()

    def _take_document(self) -> None:
        """JSON outside of events: an object on each line, or one over several lines, which is read at the end."""
        if not self._document:
            return
        try:
            document = _decode("\n".join(self._document).strip())
        except (ValueError, RecursionError):
            self._is_unreadable = True
        else:
            self._document = []
            self.done = self._take_chunk(document).is_whole

    def _add(self, parts: list[Part]) -> None:
        for is_reasoning, text in parts:
            self._has_text = self._has_text or not is_reasoning
            if self._parts and self._parts[-1][0] == is_reasoning:
                self._parts[-1][1].append(text)
            else:
                self._parts.append((is_reasoning, [text]))

    def _take_pieces(self) -> list[str | ReasoningText]:
        parts, self._parts = self._parts, []
        pieces: list[str | ReasoningText] = []
        for is_reasoning, texts in parts:
            whole = (self._reasoning if is_reasoning else self._text).feed("".join(texts))
            if whole:
                pieces.append(ReasoningText(whole) if is_reasoning else whole)
        return pieces
