"""Passwords: argon2id, beside the event loop.

A hash takes tens of milliseconds of CPU. Under gevent it would stop every stream of the worker, so it runs in a real
thread (argon2 lets go of the interpreter's lock meanwhile): in one for each worker, with a low priority, so that many
logins at once wait for each other and not the streams for them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

Result = TypeVar("Result")

MEMORY_KIB = 47_104
"""46 MiB in one pass by one thread: the first of the parameters that OWASP's password storage cheat sheet names."""

LOW_PRIORITY = 10


class Passwords:
    """Hashes and checks passwords. A hash says how it was made, so that the parameters may change."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher(time_cost=1, memory_cost=MEMORY_KIB, parallelism=1)
        self._thread = _RealThread()
        self._nobody: str | None = None

    def hash(self, password: str) -> str:
        """What to keep of ``password``; its parameters and salt are in it."""
        return self._thread.run(lambda: self._hasher.hash(password))

    def matches(self, password_hash: str, password: str) -> bool:
        """Whether ``password`` is the one that was hashed."""
        return self._thread.run(lambda: self._verify(password_hash, password))

    def matches_nobody(self, password: str) -> bool:
        """False, after the time that ``matches`` takes: nobody learns by it that there is no such account."""
        if self._nobody is None:
            self._nobody = self.hash("nobody's password")
        self.matches(self._nobody, password)
        return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(password_hash)

    def _verify(self, password_hash: str, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False


class _RealThread:
    """One thread of the operating system, beside gevent's loop; where gevent runs nothing, the caller's own."""

    def __init__(self) -> None:
        self._pool: Any = None

    def run(self, work: Callable[[], Result]) -> Result:
        """``work``'s result. Other greenlets go on meanwhile."""
        monkey = sys.modules.get("gevent.monkey")
        if monkey is None or not monkey.is_module_patched("threading"):
            return work()
        if self._pool is None:
            from gevent.threadpool import ThreadPool

            self._pool = ThreadPool(1)
        result: Result = self._pool.apply(_with_low_priority, (work,))
        return result


def _with_low_priority(work: Callable[[], Result]) -> Result:
    """Linux keeps a niceness for each thread, and lets anyone raise it."""
    from gevent.monkey import get_original

    thread = get_original("threading", "get_native_id")()
    if sys.platform == "linux" and os.getpriority(os.PRIO_PROCESS, thread) < LOW_PRIORITY:
        os.setpriority(os.PRIO_PROCESS, thread, LOW_PRIORITY)
    return work()
