"""Passwords: argon2id, outside of the event loop.

A hash takes tens of milliseconds of CPU. Under gevent it would stall every stream of the worker, so it runs in a real
thread (argon2 releases the interpreter's lock): one per worker, with a low priority, so that many logins at once wait
for each other, and streams do not wait for logins.
"""

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chatapp.threads import under_gevent

Result = TypeVar("Result")

MEMORY_KIB = 47_104
"""46 MiB, one pass, one thread: the first choice of OWASP's password storage cheat sheet."""

LOW_PRIORITY = 10


class Passwords:
    """Hashes and checks passwords. A hash contains its parameters, so that they may change."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=1, memory_cost=MEMORY_KIB, parallelism=1)
        self._thread = _RealThread()
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """The hash of ``password``, with its parameters and salt."""
        return self._thread.run(lambda: self._hasher.hash(password))

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether ``password_hash`` is the hash of ``password``."""
        return self._thread.run(lambda: self._verify(password_hash, password))

    def matches_nobody(self, password: str) -> bool:
        """False, after as long as ``matches`` takes, so that timing does not tell which accounts exist."""
        if self._nobody is None:
            self._nobody = self.hash("nobody's password")
        self.matches(self._nobody, password)
        return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with parameters other than the current ones."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


class _RealThread:
    """One thread of the operating system; the caller's own thread if gevent is not in use."""

    def __init__(self) -> None:
        self._pool: Any = None

    def run(self, work: Callable[[], Result]) -> Result:
        """The result of ``work``. Other greenlets run meanwhile."""
        if not under_gevent():
            return work()
        if self._pool is None:
            from gevent.threadpool import ThreadPool

            self._pool = ThreadPool(1)
        result: Result = self._pool.apply(_with_low_priority, (work,))
        return result


def _with_low_priority(work: Callable[[], Result]) -> Result:
    """On Linux each thread has its own niceness, and may raise it."""
    from gevent.monkey import get_original

    thread = get_original("threading", "get_native_id")()
    if sys.platform == "linux" and os.getpriority(os.PRIO_PROCESS, thread) < LOW_PRIORITY:
        os.setpriority(os.PRIO_PROCESS, thread, LOW_PRIORITY)
    return work()
