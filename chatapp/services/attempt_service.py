"""How often something may be attempted before it has to wait."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

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
"""Every call that needs no sign-in and takes a body: signing in and registering, also with a body that is no good."""

LOGIN_FAILURES = AttemptLimit("login-failure", most=10, seconds=300)
PASSWORD_FAILURES = AttemptLimit("password-failure", most=10, seconds=300)


class AttemptService:
    """Counts attempts by caller: an address, an e-mail or a user's id, of which only a hash is stored.

    An attempt is counted before it is checked, so a burst gets no extra guesses; one that succeeds is forgiven. While
    MongoDB cannot be reached, counting raises its error, and nothing passes uncounted.
    """

    def __init__(self, attempts: AttemptRepository, *, enabled: bool) -> None:
        self._attempts = attempts
        self._enabled = enabled

    def count(self, limit: AttemptLimit, who: str) -> None:
        """Counts one more attempt by ``who``.

        Raises:
            Throttled: the limit is reached; ``retry_after`` says for how many seconds.
        """
        if not self._enabled:
            return
        wait = self._attempts.count(_key(limit, who), most=limit.most, seconds=limit.seconds)
        if wait is not None:
            raise Throttled(retry_after=wait)

    def forgive(self, limit: AttemptLimit, who: str) -> None:
        """Forgets everything that was counted for ``who``: the attempt was not a failure."""
        if self._enabled:
            self._attempts.forget(_key(limit, who))


def _key(limit: AttemptLimit, who: str) -> str:
    return f"{limit.what} {hashlib.sha256(who.encode()).hexdigest()}"
