"""Search on a database, without a server."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chatapp.repositories.search_filters import SearchFilters
from chatapp.repositories.search_fresh import FreshRepository
from chatapp.repositories.search_repository import SearchRepository
from chatapp.repositories.search_shown import ShownRepository
from chatapp.services.search_service import SearchService


def search_in(database: Database[dict[str, Any]]) -> SearchService:
    return SearchService(
        SearchFilters(database), FreshRepository(database), SearchRepository(database), ShownRepository(database)
    )
