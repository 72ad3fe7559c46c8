"""By which index what is asked for is looked for."""

from __future__ import annotations

from typing import Any
from unittest.mock import MagicMock

import pytest
from bson import ObjectId
from pymongo.errors import OperationFailure

from chatapp.repositories.search_repository import SearchRepository, Way
from chatapp.search.query import read_query

NO_SUCH_INDEX, TOO_LATE = 2, 50


def way_where_the_index_of_words_fails(code: int) -> Way:
    entries = MagicMock()
    entries.find.side_effect = [OperationFailure("failed", code), MagicMock()]
    database: Any = {"search_entries": entries}
    query = read_query("needle ", inside_words=False)
    return SearchRepository(database).way(query, {"userId": ObjectId()})


def test_without_the_index_of_words_all_entries_are_read() -> None:
    assert way_where_the_index_of_words_fails(NO_SUCH_INDEX) == Way()


def test_another_failure_than_a_missing_index_is_not_hidden() -> None:
    with pytest.raises(OperationFailure):
        way_where_the_index_of_words_fails(TOO_LATE)
