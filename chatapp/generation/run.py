"""Writing one answer: a greenlet of its own, detached from every request, that alone talks to the provider."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass, replace
from enum import Enum, auto

import gevent
from gevent import Greenlet
from gevent.hub import get_hub

from chatapp.failpoints import reach
from chatapp.generation import metrics
from chatapp.generation.finish import Finisher
from chatapp.generation.text import AnswerText
from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import FinishReason, Message, MessageError, MessageStatus, Reasoning, Usage
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import Finish, Piece, ReasoningText
from chatapp.providers.errors import ProviderError

log = logging.getLogger(__name__)

MAX_ANSWER_BYTES = 1_000_000
"""The largest answer, in bytes of UTF-8, so that its document stays within its size limit."""

MAX_REASONING_BYTES = 200_000
"""The most that is kept of a model's reasoning."""

_LONGEST_TURN = 0.01
"""Seconds after which an answer that arrives faster than it is read lets other greenlets run."""

Ask = Callable[[Reserved], Generator[Piece, None, None]]
"""Asks the provider for an answer: pieces as they come, and one ``Finish`` last. Raises ``ProviderError``."""


class Ending(Enum):
    """Why an answer is ended from outside."""

    STOPPED = auto()
    OUT_OF_TIME = auto()
    SHUTDOWN = auto()
    TAKEN_OVER = auto()


class EndedFromOutside(BaseException):
    """Thrown into the greenlet of a run, wherever it waits.

    Not an ``Exception``, so that no library mistakes it for an error of the connection.
    """

    def __init__(self, ending: Ending) -> None:
        super().__init__(ending)
        self.ending = ending


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an answer ended. ``error`` is set if there is something to tell the person."""

    status: MessageStatus
    error: MessageError | None = None
    usage: Usage | None = None
    finish_reason: FinishReason | None = None


class AnswerRun:
    """Writes one answer: asks the provider, collects the text, stores the end."""

    def __init__(self, reserved: Reserved, ask: Ask, finisher: Finisher, forget: Callable[[AnswerRun], None]) -> None:
        self.reserved = reserved
        self.answer = reserved.answer
        self.text = AnswerText()
        if reserved.begins_with:
            self.text.append(reserved.begins_with)
        self.written_before = False
        self.beat_at = 0.0
        self._ask = ask
        self._finisher = finisher
        self._forget = forget
        self._asking = True
        self._greenlet: Greenlet | None = None
        self.began_at = time.monotonic()

    def start(self) -> None:
        """Starts the greenlet. It has asked the provider when this returns."""
        self._greenlet = gevent.spawn(self._run)
        gevent.sleep(0)

    def end(self, ending: Ending) -> None:
        """Ends the answer at once, wherever it waits for the provider. The text so far is kept.

        Only the first call has an effect.
        """
        # No greenlet runs in the hub, so what is checked there still holds when the exception arrives.
        get_hub().loop.run_callback(self._throw, ending)

    def store_again(self) -> None:
        """Has the whole text written again: the small document is gone although the answer goes on."""
        self.written_before = False
        self.text.forget_stored()
        self.text.reasoning.forget_stored()

    def _throw(self, ending: Ending) -> None:
        if self._asking and self._greenlet is not None:
            self._asking = False
            self._greenlet.throw(EndedFromOutside(ending))

    def _run(self) -> None:
        metrics.RUNNING.inc()
        try:
            outcome = self._outcome()
            reach("turn.before_end")
            answer = self._finisher.finish(self._final(outcome), self.reserved.user_message)
            reach("turn.ended")
            self.text.end(answer)
            metrics.ENDED.labels(answer.status.value).inc()
        finally:
            if self.text.ended is None:
                self.text.close()  # the end could not be stored: listeners come back when another worker has ended it
            metrics.RUNNING.dec()
            self._forget(self)

    def _outcome(self) -> Outcome:
        try:
            return self._ask_until_ended()
        except EndedFromOutside as ended:
            return self._ended_from_outside(ended.ending)
        except ProviderError as error:
            self.text.retry_after = error.retry_after
            return self._failed(MessageError(error.code, error.sentence, refused=error.refused))
        except Exception:
            log.exception("answer %s failed", self.answer.id)
            return self._failed(_error(FailureCode.INTERNAL))

    def _ask_until_ended(self) -> Outcome:
        try:
            return self._listen()
        finally:
            self._asking = False

    def _listen(self) -> Outcome:
        finish: Finish | None = None
        gave_way_at = time.monotonic()
        reach("turn.before_ask")
        with closing(self._ask(self.reserved)) as pieces:
            for piece in pieces:
                if isinstance(piece, ReasoningText):
                    thinking = self.text.reasoning
                    thinking.append(_cut(piece.text, MAX_REASONING_BYTES - thinking.bytes))
                    continue
                if isinstance(piece, Finish):
                    finish = piece
                    continue
                if not self._append(piece):
                    return self._failed(_error(FailureCode.ANSWER_TOO_LONG))
                if time.monotonic() - gave_way_at > _LONGEST_TURN:
                    gevent.sleep(0)  # reading what has already arrived never waits
                    gave_way_at = time.monotonic()
        if not self.text.length:
            return self._failed(_error(FailureCode.EMPTY_ANSWER))
        if finish is None:
            return self._failed(_error(FailureCode.CONNECTION_LOST))
        return Outcome(MessageStatus.COMPLETE, usage=finish.usage, finish_reason=finish.reason)

    def _append(self, piece: str) -> bool:
        """False if the answer has become too long to take the whole piece."""
        if self.text.first_at is None:
            metrics.FIRST_TOKEN.observe(time.monotonic() - self.began_at)
        fitting = _cut(piece, MAX_ANSWER_BYTES - self.text.bytes)
        self.text.append(fitting)
        return len(fitting) == len(piece)

    def _ended_from_outside(self, ending: Ending) -> Outcome:
        if ending is Ending.STOPPED:
            return Outcome(MessageStatus.STOPPED)
        if ending is Ending.OUT_OF_TIME:
            return self._failed(MessageError(FailureCode.TIMEOUT, "The answer took too long and was cut off here."))
        return Outcome(MessageStatus.INTERRUPTED, SHUTDOWN_ERROR)

    def _failed(self, error: MessageError) -> Outcome:
        return Outcome(MessageStatus.INTERRUPTED if self.text.length else MessageStatus.ERROR, error)

    def _final(self, outcome: Outcome) -> Message:
        return replace(
            self.answer,
            content=str(self.text),
            status=outcome.status,
            error=outcome.error,
            usage=outcome.usage,
            finish_reason=outcome.finish_reason,
            reasoning=self._reasoning(),
        )

    def _reasoning(self) -> Reasoning | None:
        thinking = self.text.reasoning
        if thinking.first_at is None:
            return None
        seconds = max(0.0, (self.text.first_at or time.monotonic()) - thinking.first_at)
        return Reasoning(str(thinking), round(seconds * 1000))


def _error(code: FailureCode) -> MessageError:
    return MessageError(code, code.sentence)


SHUTDOWN_ERROR = _error(FailureCode.INTERRUPTED)


def _cut(text: str, most: int) -> str:
    """As many of the first characters as fit into ``most`` bytes of UTF-8."""
    raw = text.encode()
    return text if len(raw) <= most else raw[:most].decode(errors="ignore")
