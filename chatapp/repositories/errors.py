"""Errors between the repositories and their callers. No client sees them."""

from __future__ import annotations


class SlotTaken(Exception):
    """Another running answer of this user holds the slot. The caller tries another one."""
