"""The primary of three MongoDBs is killed or frozen, again and again, while people chat: another has to be elected."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

from pymongo import MongoClient

from tests.support.chat_client import Chat, Person, Refused, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import QUICK, SIX_SECONDS, UNICODE
from tests.support.long_conversations import store_conversation
from tests.support.processes import wait_until
from tests.support.replica_set import ReplicaSet
from tests.support.server import ServerProcess
from tests.support.told import Told, Turn

MODELS = (QUICK, SIX_SECONDS, UNICODE, QUICK, SIX_SECONDS, QUICK)
"""One for each conversation: short answers and long ones."""

STORED = 260
"""Messages in each conversation to begin with, so that its history and what the model is given come from pages."""

CLEARED_WITHIN = 30.0

USUAL = 3.0
"""Seconds of chatting before the primary is hurt, and after another has been elected."""

Result = TypeVar("Result")


@dataclass
class ElectionFigures:
    """What was seen; times are seconds."""

    rounds: int = 0
    without_primary: dict[str, list[float]] = field(default_factory=lambda: {"killed": [], "frozen": []})
    ends: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    longest_start: float = 0.0

    def __str__(self) -> str:
        away = (f"{way} {min(times):.1f} to {max(times):.1f} s" for way, times in self.without_primary.items() if times)
        return (
            f"{self.rounds} primaries of three lost while {len(MODELS)} people chatted, none for {', '.join(away)}: "
            f"answers {dict(self.ends)}, the longest wait for one to begin {self.longest_start:.1f} s, "
            f"nothing acknowledged lost, refused and sent again {dict(self.refused) or 'nothing'}"
        )


class Elections:
    """Holds people who chat, and what they were told."""

    def __init__(self, backends: Backends, replica_set: ReplicaSet, chance: random.Random) -> None:
        self._backends = backends
        self._replica_set = replica_set
        self._chance = chance
        self._figures = ElectionFigures()
        self._over = Event()

    def run(self, rounds: int) -> ElectionFigures:
        """As many rounds: the primary is killed in one, stands still in the next.

        Raises:
            AssertionError: something that was told is not stored, or a request failed otherwise than with 503.
        """
        with self._backends.server(workers=2) as server, ThreadPoolExecutor(len(MODELS) + 1) as threads:
            chats = [self._begin(server, model) for model in MODELS]
            running = [threads.submit(self._chat, Told(chat, chat.history())) for chat in chats]
            running.append(threads.submit(self._keep_coming, server.base_url))
            try:
                for number in range(rounds):
                    self._round("frozen" if number % 2 else "killed")
                    if any(one.done() for one in running):
                        break
            finally:
                self._over.set()
                for one in running:
                    one.result()
            self._wait_until_nothing_is_left_behind()
            assert "Traceback" not in server.logs, server.logs
        return self._figures

    def _begin(self, server: ServerProcess, model: str) -> Chat:
        person = Person.register(server.base_url)
        with MongoClient[dict[str, Any]](self._backends.mongodb_uri) as client:
            user_id = person.ask("GET", "/api/auth/me")["id"]
            id_ = store_conversation(client[self._backends.database], user_id, STORED, model=model)
        return person.start(conversationId=id_)

    def _wait_until_nothing_is_left_behind(self) -> None:
        """A write that was repeated may have come after the end of its answer. Its document is deleted 10 s later."""
        with MongoClient[dict[str, Any]](self._backends.mongodb_uri) as client:
            left = client[self._backends.database]["generations"]
            wait_until(
                lambda: left.count_documents({}) == 0, CLEARED_WITHIN, what="the deletion of what is left behind"
            )

    def _round(self, way: str) -> None:
        time.sleep(USUAL + self._chance.uniform(0.0, 2.0))
        lost, began = self._replica_set.primary(), time.monotonic()
        lost.kill() if way == "killed" else lost.freeze()
        while self._replica_set.primary() is lost:
            time.sleep(0.1)
        self._figures.without_primary[way].append(time.monotonic() - began)
        time.sleep(USUAL)
        lost.start() if way == "killed" else lost.thaw()
        self._replica_set.wait_for_all()
        self._figures.rounds += 1

    def _chat(self, told: Told) -> None:
        while not self._over.is_set():
            self._turn(told)

    def _turn(self, told: Told) -> None:
        turn = Turn(new_id(), f"message {told.turns}")
        told.begin(turn)
        while turn.ended is None:
            self._until_taken(lambda: self._send(told.chat, turn))
        self._figures.ends[turn.ended["status"]] += 1
        told.check(self._until_taken(told.chat.history))
        assert told.turn is None, "an end was told, and the answer is still being written"

    def _send(self, chat: Chat, turn: Turn) -> None:
        began = time.monotonic()
        with chat.stream(turn.content, id=turn.id) as stream:
            self._figures.longest_start = max(self._figures.longest_start, time.monotonic() - began)
            for event in stream:
                stream.heard.take(event)
                turn.take(stream.heard)

    def _keep_coming(self, base_url: str) -> None:
        """New people, each with a new conversation."""
        while not self._over.is_set():
            person = self._until_taken(lambda: Person.register(base_url))
            chat = self._until_taken(lambda person=person: person.start(model=QUICK))  # type: ignore[misc]
            self._turn(Told(chat))

    def _until_taken(self, call: Callable[[], Result]) -> Result:
        """Repeats what is refused with 503, when the server says that it may be."""
        while True:
            try:
                return call()
            except Refused as refused:
                if refused.reply.status != 503:
                    raise AssertionError(refused.reply) from refused
                self._figures.refused[refused.reply.body["reason"]] += 1
                time.sleep(int(refused.reply.headers["Retry-After"]))
