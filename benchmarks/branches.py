"""What branches, links to one message and the map of a conversation cost. Over HTTP.

``python -m benchmarks.branches``. What is compared takes turns, so that other load on the machine affects both alike.
"""

from __future__ import annotations

import http.client
import json
import statistics
import sys
import time
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database

from benchmarks.data_layer import CONVERSATIONS, PAGE, Api, measure, show, show_heads
from benchmarks.long_conversations import PER_PAGE, message_at, store_conversation
from benchmarks.provider import FakeProvider
from tests.support.mongod import Mongod
from tests.support.server import ServerProcess

GOAL = 1.25
FAR_GOAL = 1.5
LINK_GOAL = 2.0
MAP_GOAL = 0.3
"""Seconds, as the map is to be drawn in."""

MODEL = "normal:tokens=1:gap=0"
TURNS = 120

EDITED: dict[str, tuple[int, ...]] = {"no branches": (), "50 branch points": tuple(range(150, 10_000, 197))}
"""Positions of messages beside which another version was written at once; the conversation went on from the first."""

REPLIES: dict[str, tuple[int, ...]] = {
    "the newest branch": (),
    "a reply in the middle": (10_000,),
    "50 replies everywhere": tuple(range(200, 20_000, 400)),
}
"""Positions of messages that were replied to again; the last reply is the one that is shown."""


def main() -> int:
    """Prints the figures; 1 if a goal is missed."""
    with Mongod() as mongod, FakeProvider() as provider:
        environment = {**provider.environment(MODEL), "MONGODB_URI": mongod.uri}
        with ServerProcess(environment) as server, MongoClient[dict[str, Any]](mongod.uri, w="majority") as client:
            api, database = Api(server.port), client["chatapp"]
            missed = _compare_edited(api, server.port, database)
            missed += _compare_replies(api, database)
            missed += [*_compare_links(api, database), *_time_the_map(api, database)]
    print("\n".join(f"missed: {line}" for line in missed) or "all goals are met")
    return int(bool(missed))


def _compare_edited(api: Api, port: int, database: Database[dict[str, Any]]) -> list[str]:
    """The goals that are missed by conversations of 10,000 messages with branches everywhere on the shown one."""
    shown = {
        name: [
            store_conversation(database, api.user_id, 10_000, unpaged=PER_PAGE + number * 12, versions=versions)
            for number in range(CONVERSATIONS)
        ]
        for name, versions in EDITED.items()
    }
    sessions = {
        id_: api.call("POST", "/api/chat/start", {"conversationId": id_}, 201)["sessionId"]
        for ids in shown.values()
        for id_ in ids
    }
    show_heads(list(shown))
    ratios = show("newest page", measure(shown, api.newest_page))
    missed = [f"the newest page costs {ratio:.2f} times as much, not {GOAL}" for ratio in ratios if ratio > GOAL]
    begun: dict[str, list[float]] = {name: [] for name in shown}
    for number in range(TURNS):
        for name, ids in shown.items():
            session = sessions[ids[number % CONVERSATIONS]]
            begun[name].append(_seconds_to_start(port, api.headers, session))
    ratios = show("a turn until start", {name: statistics.median(seconds) for name, seconds in begun.items()})
    return missed + [f"beginning a turn costs {ratio:.2f} times as much" for ratio in ratios if ratio > GOAL]


def _seconds_to_start(port: int, headers: dict[str, str], session: str) -> float:
    """How long a turn takes until its messages are stored and told."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.connect()
    began = time.perf_counter()
    connection.request("POST", f"/api/chat/{session}/message/stream", json.dumps({"content": "Why?"}), headers)
    response = connection.getresponse()
    line = response.readline()
    seconds = time.perf_counter() - began
    if line != b"event: start\n":
        raise RuntimeError(f"a turn that begins with {line!r}")
    response.read()
    connection.close()
    return seconds


def _compare_replies(api: Api, database: Database[dict[str, Any]]) -> list[str]:
    """The goals that are missed by branches that lie far back in the log."""
    shown = {
        name: [
            store_conversation(database, api.user_id, 20_000, unpaged=PER_PAGE + number * 12, replies=replies)
            for number in range(CONVERSATIONS)
        ]
        for name, replies in REPLIES.items()
    }
    middle = {id_: message_at(database, id_, 10_000) for ids in shown.values() for id_ in ids}
    operations = {"newest page": api.newest_page, "reply to the middle": lambda id_: api.append(id_, middle[id_])}
    missed = []
    print()
    show_heads(list(shown))
    for name, operation in operations.items():
        ratios = show(name, measure(shown, operation))
        missed += [f"{name} costs {ratio:.2f} times as much, not {FAR_GOAL}" for ratio in ratios if ratio > FAR_GOAL]
    return missed


def _compare_links(api: Api, database: Database[dict[str, Any]]) -> list[str]:
    """The goals that are missed by a link to a message in the middle of 20,000."""
    ids = [
        store_conversation(database, api.user_id, 20_000, unpaged=PER_PAGE + number * 12)
        for number in range(CONVERSATIONS)
    ]
    paths = {
        "newest page": [f"/api/conversations/{id_}/messages?limit={PAGE}" for id_ in ids],
        "around one of 20,000": [
            f"/api/conversations/{id_}/messages?limit={PAGE}&around={message_at(database, id_, 10_000)}" for id_ in ids
        ],
    }
    print()
    show_heads(list(paths))
    ratios = show("opening", measure(paths, lambda path: api.call("GET", path)))
    return [f"a link costs {ratio:.2f} times the newest page, not {LINK_GOAL}" for ratio in ratios if ratio > LINK_GOAL]


def _time_the_map(api: Api, database: Database[dict[str, Any]]) -> list[str]:
    """The goals that are missed by the tree of 10,000 messages, in the parts in which the page reads it."""
    id_ = store_conversation(database, api.user_id, 10_000, versions=EDITED["50 branch points"])
    seconds = []
    for _ in range(10):
        began, cursor, count = time.perf_counter(), "", 0
        while True:
            part = api.call("GET", f"/api/conversations/{id_}/tree?limit=2000{cursor}")
            count += len(part["items"])
            if part["nextCursor"] is None:
                break
            cursor = f"&cursor={part['nextCursor']}"
        seconds.append(time.perf_counter() - began)
        if count != 10_050:
            raise RuntimeError(f"a tree of {count} messages")
    median = statistics.median(seconds)
    print(f"\nthe map of 10,000 messages: {median * 1000:.0f} ms")
    return [f"the map takes {median:.2f} s, not {MAP_GOAL}"] if median > MAP_GOAL else []


if __name__ == "__main__":
    sys.exit(main())
