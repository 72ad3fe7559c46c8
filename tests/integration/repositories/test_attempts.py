"""Attempts are counted by MongoDB's clock, and whoever is refused is told when to try again."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chatapp.repositories.attempt_repository import AttemptRepository


def test_whoever_tries_again_as_soon_as_told_is_not_refused_again(database: Database[dict[str, Any]]) -> None:
    attempts = AttemptRepository(database)
    assert attempts.count("login", most=1, seconds=1) is None

    assert attempts.count("login", most=1, seconds=1) in (1, None), "never 0; None where a second has passed"


def test_the_wait_is_until_the_oldest_attempt_no_longer_counts(database: Database[dict[str, Any]]) -> None:
    attempts = AttemptRepository(database)
    assert [attempts.count("login", most=2, seconds=3600) for _ in range(2)] == [None, None]
    earlier = {"$set": {"times": [{"$add": [{"$first": "$times"}, -1_800_500]}, {"$last": "$times"}]}}
    database["attempts"].update_one({"_id": "login"}, [earlier])

    wait = attempts.count("login", most=2, seconds=3600)

    assert wait is not None
    assert 1700 < wait <= 1800
    assert attempts.count("another", most=2, seconds=3600) is None
