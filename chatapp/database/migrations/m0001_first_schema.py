"""The first schema. A new database holds nothing that would have to change."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database


def migrate(_database: Database[dict[str, Any]]) -> None:
    """Nothing: collections, validators and indexes are made after the last migration."""
