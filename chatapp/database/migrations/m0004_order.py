"""Projects, tags with colours, and what is unread.

A conversation that lacks the new fields is in no project and has nothing unread, so none has to be changed. Workers of
the version before keep what they do not know.
"""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def migrate(_database: Database[dict[str, Any]]) -> None:
    """Does nothing: collections, validators and indexes are created after the last migration."""
