"""Ending the answers that a dead worker left behind.

Clocks of different hosts are never compared: each worker watches the counter of each running answer, and ends an answer
whose counter has not moved for ``DEAD_AFTER`` seconds of the watcher's own time. Ending is the same compare-and-set as
the owner's, so an owner that was only slow finds its answer ended, and two workers never both end it.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import gevent
from pymongo.errors import OperationFailure, PyMongoError

from chatapp.generation import metrics
from chatapp.generation.finish import Finisher
from chatapp.generation.run import SHUTDOWN_ERROR
from chatapp.generation.text import joined
from chatapp.models.chat_models import Generation, MessageStatus, Reasoning
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
DEAD_AFTER = 10.0
_TOO_LONG_BETWEEN_LOOKS = 6.0


@dataclass(frozen=True, slots=True)
class _Sighting:
    """The value of a counter, and when it was first seen (monotonic seconds).

    An answer without a small document has the count ``None``.
    """

    count: int | None
    since: float


class Reaper:
    """Watches the running answers of all workers.

    ``own`` gives the ids of this worker's answers. ``suspect`` is called with the id of an answer that another worker
    seems to have ended.
    """

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        generations: GenerationRepository,
        finisher: Finisher,
        *,
        own: Callable[[], Collection[str]],
        suspect: Callable[[str], None],
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._generations = generations
        self._finisher = finisher
        self._own = own
        self._suspect = suspect
        self._sightings: dict[str, _Sighting] = {}
        self._looked_at = time.monotonic()

    def loop(self) -> None:
        """Runs until the worker ends."""
        while True:
            try:
                self.look()
            except PyMongoError:
                # While the store was away the owners could not write either, so watching starts over.
                self._sightings.clear()
            except Exception:
                log.exception("running answers could not be watched")
            gevent.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Ends the answers, and deletes the small documents, that have shown no sign of life for too long.

        An answer of this worker that was reserved before the look and does not appear in it may have been ended by
        another worker while this one stood still.
        """
        own_before = list(self._own())
        beats = {beat.answer_id: beat for beat in self._generations.heartbeats()}
        running = {
            generation.message_id: (user, id_, generation)
            for user, id_, generation in self._conversations.turns.running()
        }
        for id_ in own_before:
            if id_ not in running:
                self._suspect(id_)
        now = time.monotonic()
        if now - self._looked_at > _TOO_LONG_BETWEEN_LOOKS:
            self._sightings.clear()
        self._looked_at = now
        own = self._own()
        foreign = [id_ for id_ in {*beats, *running} if id_ not in own]
        counts = {id_: beats[id_].count if id_ in beats else None for id_ in foreign}
        self._sightings = {id_: self._sighting(id_, count, now) for id_, count in counts.items()}
        for id_ in [id_ for id_, sighting in self._sightings.items() if now - sighting.since >= DEAD_AFTER]:
            del self._sightings[id_]
            if id_ in running:
                self._try_to_end(*running[id_])
            else:
                self._generations.delete(beats[id_].user_id, id_)

    def _sighting(self, id_: str, count: int | None, now: float) -> _Sighting:
        seen = self._sightings.get(id_)
        return seen if seen is not None and seen.count == count else _Sighting(count, now)

    def _try_to_end(self, user_id: str, conversation_id: str, generation: Generation) -> None:
        """An answer that cannot be ended does not hold up the others; it is tried again later.

        Raises:
            PyMongoError: the store is away, so none can be ended.
        """
        try:
            self._end(user_id, conversation_id, generation)
        except Exception as error:
            if isinstance(error, PyMongoError) and not isinstance(error, OperationFailure):
                raise
            log.exception("answer %s was left behind and cannot be ended", generation.message_id)

    def _end(self, user_id: str, conversation_id: str, generation: Generation) -> None:
        left = self._generations.read(user_id, generation.message_id)
        stopped = left is not None and left.stop_requested
        text = joined(left.chunks) if left is not None else ""
        thought = joined(left.reasoning) if left is not None else ""
        if not text and generation.continues is not None:
            text = self._messages.find(user_id, conversation_id, generation.continues)[0].content
        self._finisher.finish_once(
            replace(
                generation.answer(user_id, conversation_id),
                content=text,
                status=MessageStatus.STOPPED if stopped else MessageStatus.INTERRUPTED,
                reasoning=Reasoning(thought) if thought else None,
                error=None if stopped else SHUTDOWN_ERROR,
            )
        )
        self._generations.delete(user_id, generation.message_id)
        metrics.TAKE_OVERS.inc()
        log.warning("answer %s was left behind and has been ended", generation.message_id)
