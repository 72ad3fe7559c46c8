"""The background work of a worker, from its start to its end."""

import logging
from collections.abc import Callable, Iterable

import gevent
from gevent import Greenlet
from pymongo.errors import PyMongoError

from chatapp.generation.engine import GenerationEngine
from chatapp.services.feed import Feed

log = logging.getLogger(__name__)

_HOUSEKEEPING_EVERY = 600.0
_CLOCK_EVERY = 10.0
_INDEXING_EVERY = 1.0


class BackgroundWork:
    """Watches over answers, deletes what has expired, and indexes what was said."""

    def __init__(
        self,
        engine: GenerationEngine,
        feed: Feed,
        housekeeping: Iterable[Callable[[], object]],
        follow_clock: Callable[[], object],
        index: Callable[[], object],
    ) -> None:
        self._engine = engine
        self._feed = feed
        self._housekeeping = housekeeping
        self._follow_clock = follow_clock
        self._index = index
        self._loops: list[Greenlet] = []

    def start(self) -> None:
        """Returns at once. Call it in the worker, after the fork, when the database is up to date."""
        self._engine.start()
        self._loops = [
            *(gevent.spawn(_repeat, work, "housekeeping", _HOUSEKEEPING_EVERY) for work in self._housekeeping),
            gevent.spawn(_repeat, self._follow_clock, "reading MongoDB's clock", _CLOCK_EVERY),
            gevent.spawn(_repeat, self._index, "indexing for search", _INDEXING_EVERY),
        ]

    def stop(self, grace: float) -> None:
        """Refuses new turns and releases listeners at once; running answers have ``grace`` seconds."""
        gevent.killall(self._loops)
        self._feed.close()
        self._engine.drain(grace)


def _repeat(work: Callable[[], object], name: str, seconds: float) -> None:
    while True:
        try:
            work()
        except PyMongoError as error:
            log.warning("%s was put off: %s", name, type(error).__name__)
        except Exception:
            log.exception("%s was put off", name)
        gevent.sleep(seconds)
