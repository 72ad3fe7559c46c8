"""All running answers of one worker: one engine per worker."""

import logging
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

import gevent
from gevent import Greenlet
from pymongo.errors import PyMongoError

from chatapp.generation import metrics
from chatapp.generation.admit import TurnAdmission
from chatapp.generation.finish import Finisher
from chatapp.generation.mirror import Mirror
from chatapp.generation.reap import Reaper
from chatapp.generation.run import AnswerRun, Ask, Ending
from chatapp.generation.text import AnswerText
from chatapp.generation.turn import Reserved, Turn
from chatapp.generation.write import Writer
from chatapp.models.chat_models import Message
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository

log = logging.getLogger(__name__)

Name = Callable[[Reserved, Message], object]
"""Gives the conversation a title, once an answer has ended; at leisure, and without raising anything."""

_STOP_WAIT = 2.0
_STORE_GRACE = 2.0
"""Seconds kept back from the grace period for storing the answers that are cut short at its end."""


class GenerationEngine:
    """Starts, follows and stops answers, and keeps watch over them. ``name`` is called after each.

    ``answer_timeout`` is the longest that an answer may take, in seconds; ``limit`` is how many may run at
    once in this worker.
    """

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        generations: GenerationRepository,
        *,
        ask: Ask,
        name: Name,
        answer_timeout: float,
        limit: int,
    ) -> None:
        self._conversations = conversations
        self._generations = generations
        self._ask = ask
        self._name = name
        self._answer_timeout = answer_timeout
        self._runs: dict[str, AnswerRun] = {}
        self._loops: list[Greenlet] = []
        self._admission = TurnAdmission(lambda: len(self._runs), limit)
        self._finisher = Finisher(conversations, messages)
        self._writer = Writer(f"worker-{uuid.uuid4()}", generations, self._runs.values, self._suspect)
        self._reaper = Reaper(
            conversations, messages, generations, self._finisher, own=self._runs.keys, suspect=self._suspect
        )
        self._mirror = Mirror(generations, self._finisher)

    def start(self) -> None:
        """Starts the background loops. Call it in the worker, after the fork."""
        if not self._loops:
            self._loops = [gevent.spawn(loop) for loop in (self._writer.loop, self._reaper.loop, self._time_out)]

    def admit(self) -> AbstractContextManager[None]:
        """A place for one turn to be reserved and begun in. Entering it raises as ``TurnAdmission.admit``."""
        return self._admission.admit()

    def write(self, reserved: Reserved) -> Turn:
        """Starts writing the answer to a reserved turn, in the background. The provider has been asked on return."""
        self.start()
        run = AnswerRun(reserved, self._ask, self._finisher, self._forget)
        self._runs[run.answer.id] = run
        metrics.STARTED.inc()
        run.start()
        return Turn(reserved.user_message, reserved.answer, run.text, reserved.title)

    def text_of(self, answer: Message) -> AnswerText:
        """The growing text of an answer that is being written, on any worker."""
        run = self._runs.get(answer.id)
        return run.text if run is not None else self._mirror.text_of(answer)

    def stop(self, answer: Message) -> None:
        """Stops an answer that is being written, on any worker. Waits up to two seconds for its end to be stored."""
        run = self._runs.get(answer.id)
        if run is not None:
            run.end(Ending.STOPPED)
        else:
            self._generations.request_stop(answer.user_id, answer.conversation_id, answer.id)
        self.text_of(answer).wait_for_end(_STOP_WAIT)

    def drain(self, grace: float) -> None:
        """Refuses new turns. Cuts off what still runs after ``grace`` seconds, minus the time that storing needs."""
        self._admission.close()
        self._mirror.close()
        self._wait_until(self._is_idle, max(0.0, grace - _STORE_GRACE))
        self._wait_until(self._is_cut_short, min(grace, _STORE_GRACE))
        if self._runs:
            log.warning("%d answers could not be stored before the end; another worker ends them", len(self._runs))

    def _is_idle(self) -> bool:
        return not self._runs and not self._admission.beginning

    def _is_cut_short(self) -> bool:
        """Cuts off all running answers, including those that have begun since the last call."""
        for run in list(self._runs.values()):
            run.end(Ending.SHUTDOWN)
        return self._is_idle()

    @staticmethod
    def _wait_until(reached: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not reached() and time.monotonic() < deadline:
            gevent.sleep(0.05)

    def _time_out(self) -> None:
        while True:
            gevent.sleep(1.0)
            oldest = time.monotonic() - self._answer_timeout
            for run in list(self._runs.values()):
                if run.began_at < oldest:
                    run.end(Ending.OUT_OF_TIME)

    def _suspect(self, answer_id: str) -> None:
        """Ends this worker's answer if another worker has really ended it.

        The suspicion comes from a read, which may be out of date. A write that a majority acknowledges is not.
        """
        run = self._runs.get(answer_id)
        if run is None:
            return
        try:
            is_lost = not self._conversations.turns.holds(run.answer)
        except PyMongoError:
            return  # the next look or write asks again
        if is_lost:
            run.end(Ending.TAKEN_OVER)
        else:
            run.store_again()

    def _forget(self, run: AnswerRun) -> None:
        if run.text.ended is not None and run.written_before:
            with suppress(PyMongoError):  # the reaper of any worker deletes what is left
                self._generations.delete(run.answer.user_id, run.answer.id)
        self._runs.pop(run.answer.id, None)
        if run.text.ended is not None:
            gevent.spawn(self._name, run.reserved, run.text.ended)
