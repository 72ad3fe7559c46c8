"""Search on a database, without a server."""

from __future__ import annotations

from typing import Any

from pymongo.database import Database

from chatapp.maintenance.index_check import IndexCheck
from chatapp.models.search_models import SearchOrder, SearchPage
from chatapp.repositories.search_filters import SearchFilters
from chatapp.repositories.search_fresh import FreshRepository
from chatapp.repositories.search_index import SearchIndex
from chatapp.repositories.search_repository import SearchRepository
from chatapp.repositories.search_shown import ShownRepository
from chatapp.services.search_service import SearchService
from tests.support.history import Book

Documents = Database[dict[str, Any]]


def search_in(database: Documents) -> SearchService:
    return SearchService(
        SearchFilters(database), FreshRepository(database), SearchRepository(database), ShownRepository(database)
    )


def find(book: Book, q: str, *, limit: int = 50, **options: Any) -> SearchPage:
    options = {"sort": SearchOrder.NEWEST, "inside_words": False, **options}
    return search_in(book.database).search(book.user_id, q, limit=limit, **options)


def ids(page: SearchPage) -> list[str | None]:
    return [hit.message_id for hit in page.items]


def index_all(database: Documents) -> None:
    while SearchIndex(database).catch_up(1000):
        pass


def is_clean(database: Documents) -> bool:
    lines: list[str] = []
    return IndexCheck(database, lines.append).run().is_well and not lines
