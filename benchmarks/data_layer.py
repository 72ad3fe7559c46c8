"""Does a long conversation cost more than a short one? Appending, and reading the newest page, over HTTP.

``python -m benchmarks.data_layer`` measures conversations of 20,000 and of 100 messages in turns, so that other work on
the machine hits both alike, and beside them the raw driver doing the same to documents of the same shape.
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
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bson import ObjectId
from pymongo import MongoClient
from pymongo.database import Database

from chatapp.models.chat_models import Message, MessageStatus, Role
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.documents import message_document
from tests.support.mongod import Mongod
from tests.support.server import ServerProcess

LENGTHS = (100, 20_000)
CONVERSATIONS = 4
"""Of each length: their windows are full to different degrees, as they are in use."""

ROUNDS = 400
GOAL = 1.25
PAGE = 50
CONTENT = "x" * 600

Operation = Callable[[str], object]


@dataclass
class Times:
    """Seconds that an operation took, by the length of the conversation."""

    name: str
    seconds: dict[int, list[float]] = field(default_factory=lambda: {length: [] for length in LENGTHS})

    @property
    def ratio(self) -> float:
        short, long = (statistics.median(self.seconds[length]) for length in LENGTHS)
        return long / short

    def show(self) -> None:
        columns = "".join(f"{statistics.median(self.seconds[length]) * 1000:12.2f} ms" for length in LENGTHS)
        print(f"{self.name:34}{columns}{self.ratio:10.2f}")


class Api:
    """A person at the application's endpoints, on one connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port)
        self._headers = {"Content-Type": "application/json"}
        account = {"email": f"{secrets.token_hex(8)}@example.org", "password": secrets.token_hex(16)}
        self.user_id = str(self.call("POST", "/api/auth/register", account, 201)["id"])

    def call(self, method: str, path: str, body: object = None, expected: int = 200) -> dict[str, Any]:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, path, data, self._headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status != expected:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:200]!r}")
        cookie = response.getheader("Set-Cookie")
        if cookie is not None:
            self._headers["Cookie"] = cookie.partition(";")[0]
        return dict(json.loads(content))

    def append(self, conversation_id: str) -> object:
        return self.call("POST", f"/api/conversations/{conversation_id}/messages", {"content": CONTENT}, 201)

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
    """Prints the figures; 1 where a long conversation costs more than ``GOAL`` times what a short one does."""
    environment = {"OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_KEY": "none", "CHATAPP_MODELS": "none"}
    with Mongod() as mongod, ServerProcess({**environment, "MONGODB_URI": mongod.uri}) as server:
        api = Api(int(server.base_url.rpartition(":")[2]))
        with MongoClient[dict[str, Any]](mongod.uri, w="majority", journal=True) as client:
            return _compare(api, client["chatapp"])


def _compare(api: Api, database: Database[dict[str, Any]]) -> int:
    books = _conversations(database, api.user_id)
    raw = Driver(database, api.user_id)
    print(f"p50 of {ROUNDS}" + " " * 24 + "".join(f"{f'{length:,} messages':>15}" for length in LENGTHS) + "     ratio")
    missed = False
    for name, endpoint, driver in (
        ("newest page", api.newest_page, raw.newest_page),
        ("append", api.append, raw.append),
    ):
        through_http, beside = Times(f"{name}, endpoint"), Times(f"{name}, raw driver")
        _measure(books["endpoint"], ((through_http, endpoint),))
        _measure(books["driver"], ((beside, driver),))
        through_http.show()
        beside.show()
        missed |= through_http.ratio > GOAL
    print(f"goal: the endpoint's ratio is at most {GOAL}" + (", missed" if missed else ""))
    return int(missed)


def _measure(books: dict[int, list[str]], operations: tuple[tuple[Times, Operation], ...]) -> None:
    """Takes the lengths in turns."""
    for number in range(ROUNDS):
        for length in LENGTHS:
            conversation_id = books[length][number % CONVERSATIONS]
            for times, operation in operations:
                began = time.perf_counter()
                operation(conversation_id)
                times.seconds[length].append(time.perf_counter() - began)


def _conversations(database: Database[dict[str, Any]], user_id: str) -> dict[str, dict[int, list[str]]]:
    """Conversations of each length; the driver gets its own, since it knows nothing of pages."""
    made = ConversationRepository(database)
    return {
        who: {length: [_fill(database, made, user_id, length, n) for n in range(CONVERSATIONS)] for length in LENGTHS}
        for who in ("endpoint", "driver")
    }


def _fill(
    database: Database[dict[str, Any]], conversations: ConversationRepository, user_id: str, length: int, number: int
) -> str:
    """A conversation with a log of ``length`` messages, in pages and window as appending would have left it."""
    conversation = conversations.create(user_id, title=f"{length} messages")
    owned = {"userId": ObjectId(user_id), "conversationId": ObjectId(conversation.id)}
    log = _log(user_id, conversation.id, length)
    paged = max(0, length - PAGE - number * 12) // PAGE * PAGE
    pages = [
        {**owned, "firstPosition": start, "count": PAGE, "bytes": PAGE * 600, "edits": 0, "messages": part}
        for start in range(0, paged, PAGE)
        if (part := log[start : start + PAGE])
    ]
    if pages:
        database["message_pages"].insert_many(pages)
    window = {"messages": log[paged:], "pagedCount": paged, "windowBytes": (length - paged) * 600}
    header = {"messageCount": length, "activeMessageId": log[-1]["id"]}
    database["conversations"].update_one({"_id": owned["conversationId"]}, {"$set": {**window, **header}})
    return conversation.id


def _log(user_id: str, conversation_id: str, length: int) -> list[dict[str, Any]]:
    """A chain of messages, oldest first."""
    ids = [str(uuid.uuid4()) for _ in range(length)]
    return [
        message_document(
            Message(
                id=id_,
                user_id=user_id,
                conversation_id=conversation_id,
                parent_id=parent_id,
                role=Role.USER if index % 2 == 0 else Role.ASSISTANT,
                content=CONTENT,
                status=MessageStatus.COMPLETE,
                created_at=datetime.now(UTC),
            )
        )
        for index, (id_, parent_id) in enumerate(zip(ids, [None, *ids], strict=False))
    ]


if __name__ == "__main__":
    sys.exit(main())
