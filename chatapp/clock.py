"""The one place that tells the time.

Hosts whose clocks differ share one MongoDB, so the time that counts is MongoDB's. Each worker reads it now and then,
and between two readings counts on by its monotonic clock: a step of the host's own clock changes nothing.
"""

import time
from datetime import UTC, datetime, timedelta


class _Reading:
    """MongoDB's time, and when it was read (monotonic seconds). Before the first reading the host's clock counts."""

    def __init__(self) -> None:
        self.time: datetime | None = None
        self.read_at = 0.0


_reading = _Reading()


def utc_now() -> datetime:
    """The current time in UTC, truncated to the milliseconds that MongoDB and the API keep."""
    now = datetime.now(UTC)
    if _reading.time is not None:
        now = _reading.time + timedelta(seconds=time.monotonic() - _reading.read_at)
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def set_clock(server_time: datetime | None, read_at: float = 0.0) -> None:
    """Takes a reading of MongoDB's time, made at ``read_at`` (monotonic seconds); ``None`` forgets the last one."""
    _reading.time, _reading.read_at = server_time, read_at
