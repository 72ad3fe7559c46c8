"""Brings the index of search up to date: all the time, and anew from the beginning."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from bson import ObjectId
from pymongo import timeout
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.database.indexes import INDEXES
from chatapp.database.lease import lease
from chatapp.database.migrations import upgrade
from chatapp.failpoints import reach
from chatapp.maintenance import TIME_LIMIT
from chatapp.repositories.search_index import START_OVER, SearchIndex

Document = dict[str, Any]

_LEASE = "search_index"
_PLACE = {"_id": "search_rebuild"}
"""Is in ``meta`` while the index is being rebuilt, with the last conversation that is done, and when it was."""

_PLACE_FOR = timedelta(days=1)
"""Who rebuilds the index later than that has another reason, such as new rules for words, and begins anew."""

_SMALL_STEP = 25
"""Messages: so many keep a worker from its requests for some 3 ms."""

_LARGE_STEP = 1_000
_CONVERSATIONS = 100
_AT_ONCE = 2
"""While MongoDB stores what one has read, the other reads."""

_FIRST = ObjectId("0" * 24)

_TURN = 5.0
"""Seconds after which a worker lets others index."""

_PATIENCE, _PAUSE = 40.0, 0.2
"""Seconds: longer than a worker's turn, and than the lease of one that was killed."""


class IndexBusy(Exception):
    """Another process rebuilds the index. The message is one line for the operator."""


def index_what_is_new(database: Database[Document]) -> None:
    """Indexes what is not indexed, for some seconds at the most, unless another process does.

    Half of the time it leaves to the requests of its worker. An index that somebody dropped is made anew.
    """
    search_index = SearchIndex(database)
    if search_index.is_lost():
        database["conversations"].update_many({}, START_OVER)  # what is not indexed is searched directly
        upgrade(database)
    if not search_index.is_behind():
        return
    with lease(database, _LEASE) as held:
        end = time.monotonic() + _TURN
        while held is not None and (began := time.monotonic()) < end and search_index.catch_up(_SMALL_STEP):
            time.sleep(time.monotonic() - began)


def rebuild(database: Database[Document], progress: Callable[[int, int], None]) -> int:
    """Indexes everything anew, conversation by conversation, while it is searched. Returns how many there are.

    One that was interrupted within the last day goes on at its place. Where next to nothing is indexed yet, the index
    of words is built at the end, in one go: that takes a tenth of the time, and there is nothing yet to be found by it.
    ``progress`` hears how many are done, and of about how many.

    Raises:
        IndexBusy: another process does so.
    """
    meta, conversations, search_index = database["meta"], database["conversations"], SearchIndex(database)
    entries = database["search_entries"]

    def index(ids: list[ObjectId]) -> None:
        while search_index.catch_up(_LARGE_STEP, ids):
            reach("search.some_indexed")

    with timeout(TIME_LIMIT), _only_here(database), ThreadPoolExecutor(_AT_ONCE) as pool:
        place = meta.find_one({**_PLACE, "at": {"$gt": utc_now() - _PLACE_FOR}}) or {"after": _FIRST}
        last = place["after"]
        done = conversations.count_documents({"_id": {"$lte": last}})
        total = conversations.estimated_document_count()
        if entries.estimated_document_count() < total:  # each conversation that is indexed has one for its title
            search_index.drop_words()
        while ids := search_index.start_over(last, _CONVERSATIONS):
            list(pool.map(index, [ids[at::_AT_ONCE] for at in range(_AT_ONCE)]))
            last = ids[-1]
            meta.update_one(_PLACE, {"$set": {"after": last, "at": utc_now()}}, upsert=True)
            done += len(ids)
            progress(done, max(done, total))
        entries.create_indexes(INDEXES[entries.name])
        meta.delete_one(_PLACE)
    return done


@contextmanager
def _only_here(database: Database[Document]) -> Iterator[None]:
    """No worker indexes meanwhile: what is new is searched directly until then."""
    end = time.monotonic() + _PATIENCE
    while True:
        with lease(database, _LEASE) as held:
            if held is not None:
                yield
                return
        if time.monotonic() > end:
            raise IndexBusy("Another process is rebuilding the index.")
        time.sleep(_PAUSE)
