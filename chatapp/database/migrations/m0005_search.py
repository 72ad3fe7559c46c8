"""The collection ``search_entries``, and marks on conversations that say how far they are in it.

No data changes: a conversation without marks is not indexed yet, and workers index it.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def migrate(_database: Database[dict[str, Any]]) -> None:
    """Does nothing: collections, validators and indexes are created after the last migration."""
