"""Waiting for a store that is away, where giving up would cost an answer."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import gevent
from pymongo.errors import PyMongoError, WriteError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

_RETRY_EVERY = 0.5
_LOG_EVERY = 10.0
_GIVE_UP_AFTER = 600.0
"""Seconds. Far longer than an election, a restart or a failover takes."""


class NotCommitted(Exception):
    """What another worker has stored is not held by a majority of the replica set yet."""


def is_passing(error: Exception) -> bool:
    """Whether waiting may help. It does not where the store is there and does not take a document."""
    return isinstance(error, PyMongoError | NotCommitted) and not isinstance(error, WriteError)


def outlast(work: Callable[[], Result], what: str) -> Result:
    """The result of ``work``, which is tried again while the store is away, for up to ten minutes.

    Args:
        work: must be safe to repeat.
        what: waits, for the log: an id, never a text.

    Raises:
        PyMongoError, NotCommitted: the store did not come back in time, or refuses.
    """
    began = logged_at = time.monotonic()
    while True:
        try:
            return work()
        except (PyMongoError, NotCommitted) as error:
            now = time.monotonic()
            if now - began > _GIVE_UP_AFTER or not is_passing(error):
                raise
            if logged_at == began or now - logged_at > _LOG_EVERY:
                logged_at = now
                log.warning("%s waits for the store: %s", what, type(error).__name__)
            gevent.sleep(_RETRY_EVERY)
