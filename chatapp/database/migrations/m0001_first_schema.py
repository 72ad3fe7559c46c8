"""The first schema. A new database contains nothing that has to be changed."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def migrate(_database: Database[dict[str, Any]]) -> None:
    """Does nothing: collections, validators and indexes are created after the last migration."""
