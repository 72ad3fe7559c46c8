"""How often something may be attempted before it has to wait."""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass

import gevent

from chatapp.errors import Throttled
from chatapp.repositories.attempt_repository import AttemptRepository


@dataclass(frozen=True, slots=True)
class AttemptLimit:
    """At most ``most`` attempts at ``what`` by the same caller within any ``seconds``."""

    what: str
    most: int
    seconds: int


REGISTRATIONS = AttemptLimit("registration", most=60, seconds=3600)
STRANGERS = AttemptLimit("stranger", most=120, seconds=300)
"""Attempts to sign in from one address, and calls from there that were refused for their body."""

LOGIN_FAILURES = AttemptLimit("login-failure", most=10, seconds=300)
PASSWORD_FAILURES = AttemptLimit("password-failure", most=10, seconds=300)

DELAY = 3.0
"""Seconds by which signing in is slowed down where somebody guesses the password of an account."""

DELAYED_FOR_ONE = 4
DELAYED = 100
"""How many may be slowed down at once on one worker: for one e-mail, and in all. Each holds a connection."""


class AttemptService:
    """Counts attempts by caller: an address, an e-mail or a user's id, of which only a hash is stored.

    An attempt is counted before it is checked, so a burst gets no extra guesses; one that succeeds is forgiven. While
    MongoDB cannot be reached, counting raises its error, and nothing passes uncounted.
    """

    def __init__(
        self, attempts: AttemptRepository, *, enabled: bool, sleep: Callable[[float], object] = gevent.sleep
    ) -> None:
        self._attempts = attempts
        self._enabled = enabled
        self._sleep = sleep
        self._delayed: list[str] = []

    def count_login(self, email: str, address: str, device: str | None) -> None:
        """Counts an attempt to sign in to ``email``, from an ``address``, on a known ``device`` or an unknown one.

        Failures elsewhere never keep a known device out: it has attempts of its own. Anybody else has those of the
        address. Where an e-mail had too many failures from all addresses together, they wait for ``DELAY``.

        Raises:
            Throttled: the address had too many attempts, or too many failures with this e-mail, or too many callers
                wait already.
        """
        if not self._enabled or (device is not None and self._wait(LOGIN_FAILURES, f"{email} {device}") is None):
            return
        self.count_stranger(address)
        self.count(LOGIN_FAILURES, f"{email} {address}")
        if self._wait(LOGIN_FAILURES, email) is not None:
            self._delay(email)

    def forgive_login(self, email: str, address: str, device: str | None) -> None:
        """Forgets the failures with ``email``, except those at other addresses and on other devices."""
        for who in (email, f"{email} {address}", f"{email} {device}"):
            self.forgive(LOGIN_FAILURES, who)

    def count_stranger(self, address: str) -> None:
        """Counts an attempt to sign in, or a call without a sign-in that was refused for its body. As ``count``."""
        self.count(STRANGERS, address)

    def count(self, limit: AttemptLimit, who: str) -> None:
        """Counts one more attempt by ``who``.

        Raises:
            Throttled: the limit is reached; ``retry_after`` says for how many seconds.
        """
        if self._enabled and (wait := self._wait(limit, who)) is not None:
            raise Throttled(retry_after=wait)

    def forgive(self, limit: AttemptLimit, who: str) -> None:
        """Forgets everything that was counted for ``who``: the attempt was not a failure."""
        if self._enabled:
            self._attempts.forget(_key(limit, who))

    def _wait(self, limit: AttemptLimit, who: str) -> int | None:
        """Counts one more attempt where there is room, else gives the seconds until there is."""
        return self._attempts.count(_key(limit, who), most=limit.most, seconds=limit.seconds)

    def _delay(self, email: str) -> None:
        """Holds the caller's greenlet, and nothing else."""
        if self._delayed.count(email) >= DELAYED_FOR_ONE or len(self._delayed) >= DELAYED:
            raise Throttled(retry_after=math.ceil(DELAY))
        self._delayed.append(email)
        try:
            self._sleep(DELAY)
        finally:
            self._delayed.remove(email)


def _key(limit: AttemptLimit, who: str) -> str:
    return f"{limit.what} {hashlib.sha256(who.encode()).hexdigest()}"
