"""A conversation to search in."""

from __future__ import annotations

import pytest

from tests.support.history import Book, open_book
from tests.support.searching import Documents


@pytest.fixture
def book(database: Documents) -> Book:
    return open_book(database)
