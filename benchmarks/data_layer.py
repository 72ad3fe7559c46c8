"""Does a long conversation cost more than a short one, and a long list more than a short one? Over HTTP.

``python -m benchmarks.data_layer`` appends to conversations of 20,000 and of 100 messages and reads their newest page,
alternating, so that other load on the machine affects both alike, and compares with the raw driver doing the same to
documents of the same shape. Then it lists the conversations of people who have many, with tags and in projects.
"""

from __future__ import annotations

import http.client
import json
import secrets
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from benchmarks.long_conversations import CONTENT, PER_PAGE, store_conversation
from tests.support.mongod import Mongod
from tests.support.server import ServerProcess

LENGTHS = (100, 20_000)
CONVERSATIONS = 4
"""Of each length: their windows are full to different degrees, as they are in use."""

ROUNDS = 400
GOAL = 1.25
PAGE = 50

LISTED = (30, 10_000)
"""Conversations in a list, of which the first page is read."""

Operation = Callable[[str], object]


class Api:
    """A person at the application's endpoints, on one connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self.headers = {"Content-Type": "application/json"}
        account = {"email": f"{secrets.token_hex(8)}@example.org", "password": secrets.token_hex(16)}
        self.user_id = str(self.call("POST", "/api/auth/register", account, 201)["id"])

    def call(self, method: str, path: str, body: object = None, expected: int = 200) -> dict[str, Any]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self.headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != expected:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:200]!r}")
        cookie = response.getheader("Set-Cookie")
        if cookie is not None:
            self.headers["Cookie"] = cookie.partition(";")[0]
        return dict(json.loads(content))

    def append(self, conversation_id: str, parent_id: str | None = None) -> object:
        message = {"content": CONTENT} | ({"parentId": parent_id} if parent_id else {})
        return self.call("POST", f"/api/conversations/{conversation_id}/messages", message, 201)

    def newest_page(self, conversation_id: str) -> object:
        page = self.call("GET", f"/api/conversations/{conversation_id}/messages?limit={PAGE}")
        if len(page["items"]) != PAGE:
            raise RuntimeError(f"a page of {len(page['items'])} messages")
        return page


class Driver:
    """pymongo alone: no owner is explained, nothing is decided, nothing becomes an object."""

    def __init__(self, database: Database[dict[str, Any]], user_id: str) -> None:
        self._conversations = database["conversations"]
        self._user_id = ObjectId(user_id)

    def append(self, conversation_id: str) -> object:
        message: dict[str, Any] = {"id": str(uuid.uuid4()), "parentId": None, "role": "user", "content": CONTENT}
        message |= {"status": "complete", "createdAt": datetime.now(UTC)}
        query = {"_id": ObjectId(conversation_id), "userId": self._user_id}
        change = {"$push": {"messages": {"$each": [message], "$slice": -100}}, "$inc": {"edits": 1}}
        return self._conversations.update_one(query, {**change, "$set": {"updatedAt": datetime.now(UTC)}})

    def newest_page(self, conversation_id: str) -> object:
        query = {"_id": ObjectId(conversation_id), "userId": self._user_id}
        return self._conversations.find_one(query, {"messages": {"$slice": -PAGE}})


def main() -> int:
    """Prints the figures; 1 if a goal is missed."""
    environment = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "none", "CHATAPP_MODELS": "none"}
    with Mongod() as mongod, ServerProcess({**environment, "MONGODB_URI": mongod.uri}) as server:
        api = Api(int(server.base_url.rpartition(":")[2]))
        with MongoClient[dict[str, Any]](mongod.uri, w="majority", journal=True) as client:
            missed = [*_compare_lengths(api, client["chatapp"]), *_compare_lists(api, client["chatapp"])]
    print("\n".join(f"missed: {line}" for line in missed) or "all goals are met")
    return int(bool(missed))


def _compare_lengths(api: Api, database: Database[dict[str, Any]]) -> list[str]:
    """The goals that are missed."""
    # The driver gets conversations of its own, because it knows nothing of pages.
    own, others = _of_lengths(database, api.user_id), _of_lengths(database, api.user_id)
    raw = Driver(database, api.user_id)
    missed = []
    show_heads(list(own))
    for name, endpoint, driver in (
        ("newest page", api.newest_page, raw.newest_page),
        ("append", api.append, raw.append),
    ):
        ratios = show(f"{name}, endpoint", measure(own, endpoint))
        show(f"{name}, raw driver", measure(others, driver))
        missed += [f"{name} costs {ratio:.2f} times as much, not {GOAL}" for ratio in ratios if ratio > GOAL]
    return missed


def _compare_lists(api: Api, database: Database[dict[str, Any]]) -> list[str]:
    """The goals that are missed: the first page of many conversations costs what that of a few does."""
    projects = {
        f"{count:,} conversations": [_project_of(api, database, count) for _ in range(CONVERSATIONS)]
        for count in LISTED
    }
    print()
    show_heads(list(projects))
    missed = []
    for name, filtered in (("project", "projectId"), ("tag", "tag")):
        list_of = partial(_first_page, api, filtered)
        ratios = show(f"list of a {name}, endpoint", measure(projects, list_of))
        missed += [f"list of a {name} costs {ratio:.2f} times as much, not {GOAL}" for ratio in ratios if ratio > GOAL]
    return missed


def _first_page(api: Api, filtered: str, value: str) -> object:
    return api.call("GET", f"/api/conversations/?{filtered}={value}")


def _project_of(api: Api, database: Database[dict[str, Any]], count: int) -> str:
    """The id of a project of so many conversations, which is also their tag."""
    project_id = str(api.call("POST", "/api/projects/", {"name": "Work"}, 201)["id"])
    body = {"title": "Why is the sky blue?", "projectId": project_id, "tags": [project_id]}
    made = database["conversations"].find_one(
        {"_id": ObjectId(api.call("POST", "/api/conversations/", body, 201)["id"])}
    )
    database["conversations"].insert_many([{**(made or {}), "_id": ObjectId()} for _ in range(count - 1)])
    return project_id


def measure(kinds: dict[str, list[str]], operation: Operation) -> dict[str, float]:
    """The median of each kind of conversation in seconds. The kinds take turns."""
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    for number in range(ROUNDS):
        for kind, conversations in kinds.items():
            began = time.perf_counter()
            operation(conversations[number % CONVERSATIONS])
            seconds[kind].append(time.perf_counter() - began)
    return {kind: statistics.median(taken) for kind, taken in seconds.items()}


def show_heads(kinds: list[str]) -> None:
    print(f"p50 of {ROUNDS}".ljust(30) + "".join(f"{kind:>26}" for kind in kinds))


def show(name: str, medians: dict[str, float]) -> list[float]:
    """Prints a row. Returns what each kind costs, compared with the first one."""
    first, *others = medians.values()
    ratios = [median / first for median in others]
    columns = [f"{first * 1000:.2f} ms"]
    columns += [f"{median * 1000:.2f} ms ({ratio:.2f})" for median, ratio in zip(others, ratios, strict=True)]
    print(f"{name:30}" + "".join(f"{column:>26}" for column in columns))
    return ratios


def _of_lengths(database: Database[dict[str, Any]], user_id: str) -> dict[str, list[str]]:
    return {
        f"{length:,} messages": [
            store_conversation(database, user_id, length, unpaged=PER_PAGE + number * 12)
            for number in range(CONVERSATIONS)
        ]
        for length in LENGTHS
    }


if __name__ == "__main__":
    sys.exit(main())
