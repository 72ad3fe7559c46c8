"""The text of an answer while it grows: one writer, any number of readers, each at its own position."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gevent.event import Event

from chatapp.models.chat_models import Message
from chatapp.repositories.generation_repository import Chunk

UNSTORED_SHOWN_FOR = 0.7
"""Seconds of text that readers may see before it is stored. A crash never takes back more than that."""

_LOOSE_PARTS = 32
"""Pieces are joined in groups of this size: each loose one takes 100 bytes beside its text."""


def utf16_length(text: str) -> int:
    """The length in UTF-16 code units, which is how a browser counts."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


def utf16_slice(text: str, start: int, end: int | None = None) -> str:
    """The text between two positions in UTF-16 code units. A position inside a surrogate pair moves before it."""
    if text.isascii():
        return text[start:end]
    raw = text.encode("utf-16-le")
    stop = len(raw) if end is None else _before_character(raw, end * 2)
    return raw[_before_character(raw, start * 2) : stop].decode("utf-16-le")


def joined(chunks: Iterable[Chunk]) -> str:
    """The text of stored chunks, each with its position. Overlaps count once, and the text ends at a gap."""
    text = GrowingText(lambda: None)
    for chunk in chunks:
        if chunk.at > text.length:
            break
        text.show_stored(chunk.at, chunk.text)
    return str(text)


def _before_character(raw: bytes, place: int) -> int:
    inside_a_pair = 0 < place < len(raw) and 0xDC <= raw[place + 1] <= 0xDF
    return place - 2 if inside_a_pair else place


@dataclass(frozen=True, slots=True)
class Unstored(Chunk):
    """Text that is not stored yet, and when it was taken (monotonic seconds)."""

    taken_at: float


class GrowingText:
    """A text whose readers know their position in it, in UTF-16 code units.

    A reader asks for what comes after its position and gets everything there is, so that a slow one holds nothing up.
    While the store is away, readers see at most ``UNSTORED_SHOWN_FOR`` seconds of text that is not stored: up to
    ``shown``. ``woken`` is called when there is more to read.
    """

    __slots__ = ("_ends", "_joined", "_parts", "_stored", "_unstored_since", "_woken", "bytes", "first_at", "shown")

    def __init__(self, woken: Callable[[], None]) -> None:
        self._woken = woken
        self._unstored_since: float | None = None
        self.first_at: float | None = None
        self.replace("")

    @property
    def length(self) -> int:
        """UTF-16 code units so far."""
        return self._ends[-1] if self._ends else 0

    def __str__(self) -> str:
        return "".join(self._parts)

    def append(self, piece: str) -> None:
        """Adds what the provider has sent, and wakes the readers."""
        now = time.monotonic()
        if self.first_at is None:
            self.first_at = now
        self._add(piece)
        if self._unstored_since is None:
            self._unstored_since = now
        if now - self._unstored_since <= UNSTORED_SHOWN_FOR:
            self.shown = self.length
            self._woken()

    @property
    def unstored(self) -> bool:
        """Whether there is text that is not stored yet."""
        return self.length > self._stored

    def take_unstored(self) -> Unstored | None:
        """The text to be stored next, or ``None``. It counts as unstored until ``mark_stored``."""
        if not self.unstored:
            return None
        return Unstored(self._stored, self._slice(self._stored, self.length), time.monotonic())

    def mark_stored(self, unstored: Unstored) -> None:
        """Called when the store has acknowledged the text."""
        self._stored = unstored.at + utf16_length(unstored.text)
        self._unstored_since = unstored.taken_at if self.unstored else None
        self.shown = max(self.shown, self._stored)
        if self._unstored_since is None or time.monotonic() - self._unstored_since <= UNSTORED_SHOWN_FOR:
            self.shown = self.length
        self._woken()

    def forget_stored(self) -> None:
        """Called when what was stored is gone: all of the text is to be stored again."""
        self._stored = 0

    def show_stored(self, at: int, text: str) -> None:
        """Adds text that another worker has stored, as far as it goes beyond the known length."""
        overlap = self.length - at
        if overlap < 0:
            raise ValueError(f"a gap: text at {at}, but only {self.length} before it")
        self._add(utf16_slice(text, overlap) if overlap else text)
        self.shown = self._stored = self.length
        self._woken()

    def read(self, at: int) -> tuple[str, int]:
        """The text that readers may see after ``at``, and the position after it."""
        if at >= self.shown:
            return "", at
        return self._slice(at, self.shown), self.shown

    def _add(self, piece: str) -> None:
        if not piece:
            return
        self._ends.append(self.length + utf16_length(piece))
        self._parts.append(piece)
        self.bytes += len(piece) if piece.isascii() else len(piece.encode())
        if len(self._parts) - self._joined >= _LOOSE_PARTS:
            self._parts[self._joined :] = ["".join(self._parts[self._joined :])]
            self._ends[self._joined :] = self._ends[-1:]
            self._joined += 1

    def _slice(self, start: int, end: int) -> str:
        first = bisect_right(self._ends, start)
        last = bisect_left(self._ends, end)
        text = "".join(self._parts[first : last + 1])
        begins = self._ends[first - 1] if first else 0
        return utf16_slice(text, start - begins, end - begins)

    def replace(self, text: str) -> None:
        """Takes ``text``, which is stored, in place of what is there."""
        self._parts: list[str] = []
        self._ends: list[int] = []
        self._joined = self.bytes = 0
        self._add(text)
        self.shown = self._stored = self.length


class AnswerText(GrowingText):
    """The text of an answer, and beside it the model's ``reasoning``, which is no part of it."""

    __slots__ = ("_changed", "_over", "closed", "ended", "reasoning", "retry_after")

    def __init__(self) -> None:
        super().__init__(self._wake)
        self.reasoning = GrowingText(self._wake)
        self._changed = Event()
        self._over = Event()
        self.ended: Message | None = None
        self.closed = False
        self.retry_after: int | None = None

    def end(self, answer: Message) -> None:
        """Sets the answer as it is stored. It replaces the text: another worker may have ended it with less."""
        self.replace(answer.content)
        self.reasoning.replace(answer.reasoning.text if answer.reasoning else "")
        self.ended = answer
        self._over.set()
        self._wake()

    def close(self) -> None:
        """Releases the readers although the answer goes on, because this worker is shutting down."""
        self.closed = True
        self._over.set()
        self._wake()

    def wait(self, at: int, timeout: float, reasoning_at: int | None = None) -> bool:
        """Waits until there is text after ``at``, or the answer has ended, or the readers are released.

        With ``reasoning_at`` reasoning after that position counts too.

        Returns:
            False if nothing happened for ``timeout`` seconds.
        """
        deadline = time.monotonic() + timeout
        while not self._has_news(at, reasoning_at):
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._changed.wait(left)
        return True

    def wait_for_end(self, seconds: float) -> None:
        """Returns after ``seconds``, or earlier if the answer has ended or the readers are released."""
        self._over.wait(seconds)

    def _has_news(self, at: int, reasoning_at: int | None) -> bool:
        if self.ended is not None or self.closed or at < self.shown:
            return True
        return reasoning_at is not None and reasoning_at < self.reasoning.shown

    def _wake(self) -> None:
        woken, self._changed = self._changed, Event()
        woken.set()
