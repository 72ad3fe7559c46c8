"""Following an answer, from any position in it, on any worker."""

from collections.abc import Iterator
from dataclasses import dataclass

from chatapp.generation.turn import Turn
from chatapp.models.chat_models import Message

SILENCE = 2.0
"""Seconds without an event after which a listener is told so."""

_PACE = 0.03
"""Seconds between two deltas to one listener. Text that comes faster arrives in larger pieces; the end never waits."""


@dataclass(frozen=True, slots=True)
class Started:
    """Both messages are stored."""

    user_message: Message | None
    answer: Message


@dataclass(frozen=True, slots=True)
class Delta:
    """New text. ``at`` is the length of the answer with it, in UTF-16 code units."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Thought:
    """New reasoning. ``at`` is where it begins in all of the reasoning, in UTF-16 code units."""

    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Titled:
    """The conversation got its title."""

    title: str


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer has ended, and is stored."""

    answer: Message


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing has happened for a while."""


Event = Started | Thought | Delta | Titled | Ended | Silence


def follow(turn: Turn, after: int | None = None, reasoned: int = 0) -> Iterator[Event]:
    """The events of a turn, from the position ``after`` (UTF-16 code units) on; ``None`` begins with ``Started``.

    Reasoning is told from its position ``reasoned``.

    Without ``Ended`` at the end, this worker is shutting down: the listener continues from its position on another.
    A listener holds nothing except its position, so a slow one gets larger pieces and one that leaves costs nothing.
    """
    if after is None:
        yield Started(turn.user_message, turn.answer)
        if turn.title is not None:
            yield Titled(turn.title)
    at = after or 0
    text = turn.text
    while True:
        if not text.wait(at, SILENCE, reasoned):
            yield Silence()
            continue
        piece, end = text.reasoning.read(reasoned)
        if piece:
            yield Thought(piece, reasoned)
            reasoned = end
        piece, at = text.read(at)
        if piece:
            yield Delta(piece, at)
        if text.ended is not None and at >= text.length:
            yield Ended(text.ended)
            return
        if text.closed:
            return
        text.wait_for_end(_PACE)
