"""What a worker does before it answers."""

import logging
import sys
from contextlib import suppress

import gevent
from gevent import Greenlet
from gevent.event import Event
from pymongo.errors import PyMongoError

from chatapp.container import Container
from chatapp.database.diagnosis import DatabaseUnusable, reason_for
from chatapp.database.server_time import follow_server_time
from chatapp.database.vulnerability import warn_if_vulnerable
from chatapp.maintenance.archive import ArchiveError

log = logging.getLogger(__name__)

BOOT_FAILED = 3
"""Gunicorn's exit status for a worker that cannot start: the master exits instead of trying again for ever."""

_RETRY_EVERY = 2.0
_WAIT = 15.0
"""Seconds that the start waits for the database: gunicorn kills a worker that does not respond for 30 s."""


def start(parts: Container, *, is_first: bool) -> None:
    """Brings the database up to date and starts the background work.

    If that takes long, or MongoDB is unreachable, it goes on in the background; until it is done the API answers 503.
    What has to be in the log only once is written by the worker that ``is_first``.

    Raises:
        SystemExit: waiting would not help, for example because a newer version changed the database; the log says why.
    """
    parts.schema_is_current = False
    tried = Event()
    upgrading = gevent.spawn(_upgrade, parts, tried)
    if is_first:
        gevent.spawn(_report_vulnerability, parts, upgrading)
    gevent.wait([upgrading, tried], timeout=_WAIT, count=1)
    tried.set()
    if upgrading.ready() and not parts.schema_is_current:
        sys.exit(BOOT_FAILED)
    parts.background.start()


def _upgrade(parts: Container, tried: Event) -> None:
    """Returns when the database is up to date. Until ``tried`` is set, it also returns if waiting would not help."""
    logged = ""
    while True:
        try:
            parts.upgrade_database()
            follow_server_time(parts.database)
        except DatabaseUnusable as error:
            reason = str(error)
            if not tried.is_set():
                log.critical("%s", error)
                return
        except ArchiveError as error:
            reason = f"The backup before the migration failed: {error}"
        except PyMongoError as error:
            reason = reason_for(error, parts.database)
        else:
            return
        if reason != logged:
            log.warning("the database is not ready: %s", reason)
            logged = reason
        tried.set()
        gevent.sleep(_RETRY_EVERY)


def _report_vulnerability(parts: Container, upgrading: Greenlet) -> None:
    """After MongoDB could be reached for the first time."""
    upgrading.join()
    with suppress(PyMongoError):  # a report, not a condition
        warn_if_vulnerable(parts.database.client)
