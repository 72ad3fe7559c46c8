"""What a worker does before it answers."""

from __future__ import annotations

import logging
import sys

import gevent
from gevent.event import Event
from pymongo.errors import PyMongoError

from chatapp.container import Container
from chatapp.database.migrations import SchemaTooNew

log = logging.getLogger(__name__)

BOOT_FAILED = 3
"""Gunicorn's own exit status for a worker that cannot start: its master ends instead of trying for ever."""

_TRY_EVERY = 2.0
_PATIENCE = 15.0
"""Seconds that the start waits for the database: its master takes a worker that says nothing for 30 s for dead."""


def start(parts: Container) -> None:
    """Brings the database up to date and begins the background work.

    What takes long, or a MongoDB that is away, is waited for in the background; until then the API answers 503.

    Raises:
        SystemExit: the database was made by a later version; the log says so.
    """
    parts.schema_is_current = False
    tried = Event()
    upgrading = gevent.spawn(_upgrade, parts, tried)
    gevent.wait([upgrading, tried], timeout=_PATIENCE, count=1)
    if upgrading.ready() and not parts.schema_is_current:
        sys.exit(BOOT_FAILED)
    if parts.background is not None:
        parts.background.start()


def _upgrade(parts: Container, tried: Event) -> None:
    """Returns when the database is up to date, or never can be; ``tried`` is set when that has failed once."""
    while not parts.schema_is_current:
        try:
            parts.upgrade_database()
        except SchemaTooNew as error:
            log.critical("%s", error)
            return
        except PyMongoError as error:
            log.warning("the database cannot be brought up to date yet: %s", type(error).__name__)
            tried.set()
            gevent.sleep(_TRY_EVERY)
