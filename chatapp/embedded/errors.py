"""Why a start does not succeed."""

from __future__ import annotations


class StartError(Exception):
    """One line for a person: what is wrong, and what to do about it."""


class Interrupted(Exception):
    """It was told to end while it was starting."""
