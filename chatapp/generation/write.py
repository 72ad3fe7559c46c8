"""Storing running answers as they grow: one bulk write a few times a second for all the answers of a worker."""

import logging
import time
from collections.abc import Callable, Collection

import gevent
from pymongo.errors import PyMongoError

from chatapp.failpoints import reach
from chatapp.generation import metrics
from chatapp.generation.run import AnswerRun, Ending
from chatapp.repositories.generation_repository import Chunk, GenerationRepository, GenerationWrite

log = logging.getLogger(__name__)

FLUSH_EVERY = 0.25
"""Seconds between two bulk writes."""

BEAT_EVERY = 1.0
"""Seconds after which an answer without new text is written anyway, as a sign of life."""


class Writer:
    """Writes the new text and the heartbeats of this worker's answers, and carries out requests to stop.

    ``suspect`` is called with the id of an answer that another worker seems to have ended.
    """

    def __init__(
        self,
        owner: str,
        generations: GenerationRepository,
        runs: Callable[[], Collection[AnswerRun]],
        suspect: Callable[[str], None],
    ) -> None:
        self._owner = owner
        self._generations = generations
        self._runs = runs
        self._suspect = suspect

    def loop(self) -> None:
        """Runs until the worker ends."""
        while True:
            gevent.sleep(FLUSH_EVERY)
            try:
                self.tick()
            except PyMongoError as error:
                metrics.FLUSH_FAILURES.inc()
                log.warning("running answers could not be written: %s", type(error).__name__)
            except Exception:
                log.exception("running answers could not be written")

    def tick(self) -> None:
        """Writes what is due, and ends the answers that someone asked to stop."""
        due = [run for run in self._runs() if self._is_due(run)]
        if due:
            self._flush(due)
        if self._runs():
            self._obey_stops()

    @staticmethod
    def _is_due(run: AnswerRun) -> bool:
        is_new = not run.written_before or run.text.unstored or run.text.reasoning.unstored
        return is_new or time.monotonic() - run.beat_at >= BEAT_EVERY

    def _flush(self, runs: list[AnswerRun]) -> None:
        taken = [(run, run.text.take_unstored(), run.text.reasoning.take_unstored()) for run in runs]
        reach("writer.before_flush")
        gone = self._generations.write(self._owner, [_write(*each) for each in taken])
        metrics.FLUSHES.inc()
        now = time.monotonic()
        for run, unstored, thought in taken:
            if run.answer.id in gone:
                self._suspect(run.answer.id)
                continue
            run.written_before = True
            run.beat_at = now
            if unstored is not None:
                run.text.mark_stored(unstored)
            if thought is not None:
                run.text.reasoning.mark_stored(thought)

    def _obey_stops(self) -> None:
        asked = self._generations.stop_requests(self._owner)
        if asked:
            for run in list(self._runs()):
                if run.answer.id in asked:
                    run.end(Ending.STOPPED)


def _write(run: AnswerRun, text: Chunk | None, reasoning: Chunk | None) -> GenerationWrite:
    answer = run.answer
    is_first = not run.written_before
    return GenerationWrite(answer.id, answer.user_id, answer.conversation_id, is_first, text, reasoning)
