"""Searches a user's messages and titles."""

import logging
from functools import partial
from math import log2

from bson import ObjectId
from pymongo.errors import OperationFailure

from chatapp.models.chat_models import Role
from chatapp.models.search_models import SearchHit, SearchOrder, SearchPage
from chatapp.repositories.cursors import SearchCursor, scope
from chatapp.repositories.documents import Document
from chatapp.repositories.search_filters import SearchFilters
from chatapp.repositories.search_fresh import Fresh, FreshRepository
from chatapp.repositories.search_index import moment_of
from chatapp.repositories.search_repository import INDEX_GONE, MOST_COUNTED, Found, SearchRepository
from chatapp.repositories.search_shown import Place, ShownRepository
from chatapp.search.query import Query, read_query
from chatapp.search.snippets import snippet
from chatapp.threads import in_real_thread

log = logging.getLogger(__name__)

Key = tuple[int, bytes]


class SearchService:
    """What can be done with the index, for one user at a time."""

    def __init__(
        self, filters: SearchFilters, fresh: FreshRepository, entries: SearchRepository, shown: ShownRepository
    ) -> None:
        self._filters = filters
        self._fresh = fresh
        self._entries = entries
        self._shown = shown

    def search(
        self,
        user_id: str,
        q: str,
        *,
        sort: SearchOrder,
        limit: int,
        cursor: str | None = None,
        inside_words: bool,
        count: bool = True,
    ) -> SearchPage:
        """A page of what matches ``q``. Within the page, what belongs to one conversation stands together.

        ``inside_words`` also finds what is only a part of a word. For that, and to sort by what fits best, the newest
        1,000 that match are looked at, and for a part of a word no more than the newest 30,000 entries. Without
        ``count``, nothing is read only to be counted.

        Raises:
            Invalid: the query has too many words.
            InvalidCursor: the cursor is invalid.
        """
        query = read_query(q, inside_words=inside_words)
        if query.is_empty:
            return SearchPage((), None, 0, complete=True, behind=0)
        this_list = scope("search", user=user_id, q=q, sort=sort, inside=inside_words)
        after = None if cursor is None else SearchCursor.decode(cursor, this_list)
        condition = self._filters.condition(user_id, query.filters)
        fresh = self._fresh.find(query, condition)
        in_one_go = sort is SearchOrder.BEST or inside_words
        before = None if after is None or in_one_go else after.id
        most = MOST_COUNTED if in_one_go else limit
        stored, indexed, whole = self._stored(query, condition, fresh, before=before, most=most, count=count)
        key = _best if sort is SearchOrder.BEST else _newest
        ranked = sorted([*fresh.found, *stored], key=key, reverse=True)
        if after is not None:
            last = (after.score, after.id.binary)
            ranked = [one for one in ranked if key(one) < last]
        more = len(ranked) > limit
        return SearchPage(
            items=self._hits(user_id, query, ranked[:limit]),
            next_cursor=SearchCursor(key(ranked[limit - 1])[0], ranked[limit - 1].id).encode(this_list)
            if more
            else None,
            total=None if indexed is None else min(MOST_COUNTED, len(fresh.found) + indexed),
            complete=whole,
            behind=fresh.behind,
            conversations=fresh.conversations,
        )

    def _stored(
        self, query: Query, condition: Document, fresh: Fresh, *, before: ObjectId | None, most: int, count: bool
    ) -> tuple[list[Found], int | None, bool]:
        """The ``most`` newest that match, and one more if there is; how many do, if asked; whether all were seen."""
        skip = fresh.seen
        number: int | None = None
        try:
            way = self._entries.way(query, condition)
            found = self._entries.newest(query, condition, way, skip=skip, before=before, limit=most + 1)
            if before is None and (len(found) <= most or most == MOST_COUNTED):
                number = len(found)
            elif count:
                number = self._entries.count(query, condition, way, skip=skip)
        except OperationFailure as error:
            if error.code not in INDEX_GONE:
                raise
            log.warning("a search found no index of search: %s", error.code)
            return [], 0, False  # a worker makes it anew, or it is being rebuilt
        whole = fresh.complete and way.oldest is None and len(found) <= MOST_COUNTED
        return found, number, whole and (bool(found) or not self._entries.is_lost(condition["userId"]))

    def _hits(self, user_id: str, query: Query, found: list[Found]) -> tuple[SearchHit, ...]:
        titles, messages = self._shown.read(user_id, found)
        return in_real_thread(partial(_hits_in, query, found, titles, messages))


def _hits_in(
    query: Query, found: list[Found], titles: dict[ObjectId, str], messages: dict[Place, Document]
) -> tuple[SearchHit, ...]:
    hits: dict[object, list[SearchHit]] = {}
    for one in found:
        title = titles.get(one.conversation_id)
        message = None if one.message_id is None else messages.get((one.conversation_id, one.message_id))
        if title is None or (one.message_id is not None and message is None):  # deleted for good a moment ago
            continue
        shown = snippet(query, title if message is None else message["content"])
        hits.setdefault(one.conversation_id, []).append(
            SearchHit(
                conversation_id=str(one.conversation_id),
                title=title,
                message_id=one.message_id,
                role=None if message is None else Role(message["role"]),
                created_at=moment_of(one.id),
                snippet=shown.text,
                highlights=shown.highlights,
            )
        )
    return tuple(hit for of_one in hits.values() for hit in of_one)


def _newest(found: Found) -> Key:
    return 0, found.id.binary


def _best(found: Found) -> Key:
    """Titles first, then whole words before beginnings of words, then what says little else; the newest of equals."""
    return 1000 * (found.message_id is None) + 100 * found.whole + round(
        90 / (1 + log2(1 + found.words))
    ), found.id.binary
