"""Passwords."""

from __future__ import annotations

import subprocess
import sys

from argon2 import PasswordHasher

from chatapp.services.passwords import Passwords

FAST = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def test_a_hash_is_argon2id_salted_and_matches_its_password_only() -> None:
    passwords = Passwords(FAST)

    hashed = passwords.hash("correct horse")

    assert hashed.startswith("$argon2id$")
    assert hashed != passwords.hash("correct horse")
    assert passwords.matches(hashed, "correct horse")
    assert not passwords.matches(hashed, "Correct horse")
    assert not passwords.matches("not a hash", "correct horse")


def test_the_parameters_in_use_are_those_that_owasp_names() -> None:
    assert "m=47104,t=1,p=1" in Passwords().hash("correct horse")


def test_a_hash_with_other_parameters_is_outdated() -> None:
    passwords = Passwords(FAST)

    assert not passwords.is_outdated(passwords.hash("correct horse"))
    assert Passwords().is_outdated(passwords.hash("correct horse"))


def test_nobody_is_checked_as_slowly_as_somebody() -> None:
    class Counting(Passwords):
        checks = 0

        def matches(self, password_hash: str, password: str) -> bool:
            self.checks += 1
            return super().matches(password_hash, password)

    passwords = Counting(FAST)

    assert not passwords.matches_nobody("correct horse")
    assert not passwords.matches_nobody("nobody's password")
    assert passwords.checks == 2


def test_hashing_stops_no_other_greenlet() -> None:
    """In a process of its own: patching the standard library cannot be undone."""
    program = """
from gevent import monkey; monkey.patch_all()
import gevent
from chatapp.services.passwords import Passwords
ticks = 0
def stream():
    global ticks
    while True:
        gevent.sleep(0.001)
        ticks += 1
gevent.spawn(stream)
gevent.sleep(0.01)
before = ticks
Passwords().hash("correct horse")
assert ticks > before, "the loop stood still"
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
