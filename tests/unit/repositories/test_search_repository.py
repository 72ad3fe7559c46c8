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
    database: Any = {"search_entries": entries, "conversations": MagicMock()}
    query = read_query("needle ", inside_words=False)
    return SearchRepository(database).way(query, {"userId": ObjectId()})


def test_without_the_index_of_words_all_entries_are_read() -> None:
    assert way_where_the_index_of_words_fails(NO_SUCH_INDEX) == Way()


def test_another_failure_than_a_missing_index_is_not_hidden() -> None:
    with pytest.raises(OperationFailure):
        way_where_the_index_of_words_fails(TOO_LATE)


@pytest.mark.parametrize("asked", ["needle ", "needle", "東", "role:user"])
@pytest.mark.parametrize("inside_words", [False, True])
def test_nothing_is_looked_at_that_belongs_to_somebody_else(asked: str, inside_words: bool) -> None:
    entries, conversations = MagicMock(), MagicMock()
    entries.count_documents.return_value = 0
    entries.find_one.return_value = None
    database: Any = {"search_entries": entries, "conversations": conversations}
    searching, query = SearchRepository(database), read_query(asked, inside_words=inside_words)
    owned = {"userId": ObjectId()}

    way = searching.way(query, owned)
    searching.newest(query, owned, way, skip=(), before=ObjectId(), limit=1)
    searching.count(query, owned, way, skip=())
    searching.is_lost(owned["userId"])

    reads = (entries.find, entries.count_documents, entries.find_one, conversations.find_one)
    asked_for = [call.args[0] for read in reads for call in read.call_args_list]
    assert len(asked_for) >= 4
    assert all(owned.items() <= one.items() for one in asked_for)
