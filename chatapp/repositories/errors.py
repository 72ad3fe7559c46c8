"""What the repositories tell their callers, and no client ever sees."""

from __future__ import annotations


class SlotTaken(Exception):
    """Another running answer of this user holds the slot; the caller tries the next one."""
