"""How long searches take, what they cost those who write, and what the index takes.

``python -m benchmarks.search`` gives one user 100,000 messages among 1,100,000 of 600 characters; ``SEARCH_MESSAGES``
sets another number for that user. Then the same messages in a collection with a text index of MongoDB, to compare.
"""

from __future__ import annotations

import itertools
import os
import random
import resource
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import quantiles
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from chatapp.database.migrations import upgrade
from chatapp.maintenance.indexing import rebuild
from chatapp.models.chat_models import NewMessage
from chatapp.models.search_models import SearchOrder, SearchPage
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from tests.support.mongod import Mongod
from tests.support.searching import search_in

Documents = Database[dict[str, Any]]

MESSAGES = int(os.environ.get("SEARCH_MESSAGES", "100000"))
OTHERS = 10
PER_CONVERSATION = 20
CHARS = 600
ROUNDS = 60
VOCABULARY = 40_000

MOST_TEXT_RATIO = 4.0
LEAST_RATE = 2_500
MOST_MEMORY = 300
MOST_APPEND_RATIO = 1.2
GOALS = {"rare word": 10, "commonest word": 10, "two words": 10, "absent word": 10, "prefix": 30, "part of a word": 150}
"""Milliseconds until a page is found, p95."""

_LETTERS = "etaoinshrdlucmfwypvbgkqjxz"


class Words:
    """Made-up words, some of them far more common than others (Zipf), as in natural text."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        lengths = range(2, 10)
        made = dict.fromkeys(
            "".join(self._random.choices(_LETTERS, range(26, 0, -1), k=self._random.choice(lengths)))
            for _ in range(VOCABULARY)
        )
        self.all = list(made)
        self._weights = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(self.all))))

    def text(self) -> str:
        words = self._random.choices(self.all, cum_weights=self._weights, k=CHARS // 4)
        return " ".join(words)[:CHARS]


def main() -> int:
    """Prints the figures; 1 if a goal is missed."""
    with (
        Mongod(cache_gb=1) as mongod,  # as docs/decisions/0110 advises for so many
        MongoClient[dict[str, Any]](mongod.uri, tz_aware=True, w="majority", journal=True) as client,
    ):
        database = client["search"]
        upgrade(database)
        words = Words(1)
        owners = [str(ObjectId()) for _ in range(OTHERS + 1)]
        for owner in owners:
            store(database, owner, words)
        missed = [*_rebuild(database), *_sizes(database, len(owners))]
        missed += _searches(database, owners[0], words)
        missed += _appends(database, owners[0], words)
        _text_index(database, owners[0], words)
    print("\n".join(f"missed: {line}" for line in missed) or "all goals are met")
    return int(bool(missed))


def store(database: Documents, owner: str, words: Words) -> None:
    """One user's conversations, as appending would have left them."""
    began = datetime(2025, 1, 1, tzinfo=UTC)
    template = database["conversations"]
    made = ConversationRepository(database).create(owner)
    like = template.find_one_and_delete({"_id": ObjectId(made.id), "userId": ObjectId(owner)})
    batch = []
    for number in range(MESSAGES // PER_CONVERSATION):
        ids = [str(uuid.uuid4()) for _ in range(PER_CONVERSATION)]
        messages = [
            {
                "id": id_,
                "parentId": parent,
                "role": "user" if at % 2 == 0 else "assistant",
                "content": words.text(),
                "status": "complete",
                "createdAt": began + timedelta(minutes=number, seconds=at),
            }
            for at, (id_, parent) in enumerate(zip(ids, [None, *ids], strict=False))
        ]
        updated = messages[-1]["createdAt"]
        header = {"createdAt": began + timedelta(minutes=number), "updatedAt": updated, "title": words.text()[:30]}
        window = {"messages": messages, "messageCount": len(ids), "activeMessageId": ids[-1]}
        batch.append({**(like or {}), **header, **window, "windowBytes": len(ids) * CHARS, "_id": ObjectId()})
        if len(batch) == 500:
            template.insert_many(batch, ordered=False)
            batch = []
    if batch:
        template.insert_many(batch, ordered=False)


def _rebuild(database: Documents) -> Iterator[str]:
    began = time.perf_counter()
    conversations = rebuild(database, lambda *_: None)
    rate = conversations * PER_CONVERSATION / (time.perf_counter() - began)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"rebuild: {rate:,.0f} messages/s, {memory:.0f} MB of this process", flush=True)
    if rate < LEAST_RATE:
        yield f"{rate:,.0f} messages/s, not {LEAST_RATE:,}"
    if memory > MOST_MEMORY:
        yield f"{memory:.0f} MB, not {MOST_MEMORY}"


def _sizes(database: Documents, users: int) -> Iterator[str]:
    database.client.admin.command("fsync")
    stored = database.command("collStats", "search_entries")
    text = users * MESSAGES * CHARS
    ratio = (stored["storageSize"] + stored["totalIndexSize"]) / text
    indexes = ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in stored["indexSizes"].items())
    print(f"{text / 1e6:,.0f} MB of text: entries {stored['storageSize'] / 1e6:,.0f} MB, {indexes}: {ratio:.2f} times")
    if ratio > MOST_TEXT_RATIO:
        yield f"{ratio:.2f} times the text, not {MOST_TEXT_RATIO}"


def _searches(database: Documents, owner: str, words: Words) -> Iterator[str]:
    service = search_in(database)
    common, rare = words.all[0], words.all[len(words.all) // 2 :]
    queries: dict[str, Callable[[int], str]] = {
        "rare word": lambda at: f"{rare[at]} ",
        "commonest word": lambda _: f"{common} ",
        "two words": lambda at: f"{words.all[at + 20]} {words.all[at * 3 + 100]} ",
        "absent word": lambda at: f"{rare[at]}qqq ",
        "prefix": lambda at: words.all[at * 7][:3],
        "part of a word": lambda at: words.all[at * 50 + 1000][1:5],
        "best first": lambda at: f"{words.all[at]} ",
    }
    print(f"\n{'p50 and p95 of ' + str(ROUNDS):24}{'a page':^26}{'their number':^26}")
    for name, query in queries.items():

        def search(at: int, name: str = name, query: Callable[[int], str] = query, *, count: bool) -> SearchPage:
            sort = SearchOrder.BEST if name == "best first" else SearchOrder.NEWEST
            inside = name == "part of a word"
            limit = 1 if count else 20  # as the page of the application asks, first for one and then for the other
            return service.search(owner, query(at), sort=sort, limit=limit, inside_words=inside, count=count)

        half, most = _measured(partial(search, count=False))
        counted = _measured(partial(search, count=True))
        times = "".join(f"{value:10.2f} ms" for value in (half, most, *counted))
        print(f"{name:24}{times}{search(0, count=True).total:8} found", flush=True)
        if most > GOALS.get(name, most):
            yield f"{name}: {most:.1f} ms, not {GOALS[name]}"


def _appends(database: Documents, owner: str, words: Words) -> Iterator[str]:
    """With a conversation that is indexed between its appends, and one of which nothing is to be indexed."""
    conversations, messages = ConversationRepository(database), MessageRepository(database)
    one, other = conversations.create(owner), conversations.create(owner)
    seconds: dict[str, list[float]] = {one.id: [], other.id: []}
    for at in range(ROUNDS * 5):
        for id_ in (one.id, other.id) if at % 2 else (other.id, one.id):
            marks = {"$set": {"isIndexed": True}} if id_ == one.id else {"$unset": {"isIndexed": ""}}
            database["conversations"].update_one({"_id": ObjectId(id_), "userId": ObjectId(owner)}, marks)
            began = time.perf_counter()
            messages.append(owner, id_, NewMessage(words.text()))
            seconds[id_].append(time.perf_counter() - began)
    (half, _), (other_half, _) = (_percentiles(seconds[id_]) for id_ in (one.id, other.id))
    print(
        f"\nappend that removes the mark {half:.2f} ms, to one without {other_half:.2f} ms:"
        f" {half / other_half:.2f} times"
    )
    if half / other_half > MOST_APPEND_RATIO:
        yield f"an append costs {half / other_half:.2f} times as much, not {MOST_APPEND_RATIO}"


def _text_index(database: Documents, owner: str, words: Words) -> None:
    """MongoDB's own full-text index over the same texts of the user who asks."""
    entries = database["search_entries"]
    plain = database.get_collection("plain", write_concern=WriteConcern(w=1))
    plain.create_index([("userId", 1), ("text", "text")], default_language="none", name="text")
    began, count = time.perf_counter(), 0
    wanted = {"userId": ObjectId(owner)}
    batch: list[dict[str, Any]] = []
    for entry in entries.find(wanted, {"userId": 1, "text": 1}):
        batch.append(entry)
        count += 1
        if len(batch) == 1000:
            plain.insert_many(batch, ordered=False)
            batch = []
    if batch:
        plain.insert_many(batch, ordered=False)
    rate = count / (time.perf_counter() - began)
    size = database.command("collStats", "plain")["indexSizes"]["text"]
    print(f"\n$text: {rate:,.0f} messages/s, index {size / 1e6:,.0f} MB for {count * CHARS / 1e6:,.0f} MB of text")
    for name, word in (("rare word", words.all[len(words.all) // 2]), ("commonest word", words.all[0])):
        query = {"userId": ObjectId(owner), "$text": {"$search": word}}

        def search(_: int, query: dict[str, Any] = query) -> int:
            return len(list(plain.find(query, {"_id": 1}).sort("_id", -1).limit(20)))

        half, most = _measured(search)
        print(f"{name:24}{half:10.2f} ms{most:10.2f} ms")


def _measured(operation: Callable[[int], object]) -> tuple[float, float]:
    seconds = []
    for at in range(ROUNDS):
        began = time.perf_counter()
        operation(at)
        seconds.append(time.perf_counter() - began)
    return _percentiles(seconds)


def _percentiles(seconds: list[float]) -> tuple[float, float]:
    """p50 and p95 in milliseconds."""
    cuts = quantiles(seconds, n=20)
    return cuts[9] * 1000, cuts[18] * 1000


if __name__ == "__main__":
    sys.exit(main())
