"""``kill -9`` of everything, again and again, with four answers being written and two people shaping trees."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.chaos.shaping import Shaper
from tests.support.chat_client import Person, Refused, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, NORMAL, QUICK, UNICODE
from tests.support.mongod import Mongod
from tests.support.processes import wait_until
from tests.support.server import ServerProcess
from tests.support.told import Told, Turn

STREAMING = 4
SHAPING = 2
SPARE = 40
"""Conversations to choose from: one whose answer waits for another worker to end it takes no new turn."""

MODELS = (ENDLESS, ENDLESS, NORMAL, UNICODE, QUICK)
ENDED_WITHIN = 30.0


@dataclass
class KillFigures:
    """What was seen; times are seconds."""

    rounds: int = 0
    turns: int = 0
    ended: int = 0
    messages: int = 0
    shaped: int = 0
    ready_after: list[float] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    all_ended_after: float = 0.0

    def __str__(self) -> str:
        return (
            f"{self.rounds} kills of everything with {STREAMING} streaming conversations: "
            f"{self.turns} turns begun, {self.ended} ended before the kill, {self.messages} messages in the end, "
            f"{self.shaped} edits, replies, answers, forks, choices and deletions by {SHAPING} people beside them; "
            f"nothing acknowledged lost; text lost at most {max(self.lost, default=0):.2f} s, "
            f"ready again after {max(self.ready_after, default=0):.1f} s at most, "
            f"no answer streaming {self.all_ended_after:.1f} s after a start"
        )


class Kills:
    """Holds people who chat, and what they were told."""

    def __init__(self, backends: Backends, mongod: Mongod, chance: random.Random) -> None:
        self._mongod = mongod
        self._chance = chance
        self._figures = KillFigures()
        self._server: ServerProcess = backends.server({"CHATAPP_ANSWERS_PER_USER": "100"}, workers=2)
        self._told: list[Told] = []
        self._shapers: list[Shaper] = []

    def run(self, rounds: int) -> KillFigures:
        """As many rounds; every fifth kills MongoDB as well."""
        with self._server, ThreadPoolExecutor(STREAMING + SHAPING) as threads:
            alice = Person.register(self._server.base_url)
            self._told = [Told(alice.start(model=self._chance.choice(MODELS))) for _ in range(SPARE)]
            self._shapers = [Shaper(Person.register(self._server.base_url), self._chance) for _ in range(SHAPING)]
            for number in range(rounds):
                self._round(threads, with_mongod=number % 5 == 4)
            self._wait_for_all_ends()
            self._figures.shaped = sum(shaper.done for shaper in self._shapers)
        return self._figures

    def _round(self, threads: ThreadPoolExecutor, *, with_mongod: bool) -> None:
        chosen = self._chance.sample(self._free(), STREAMING)
        listening = [threads.submit(self._chat, told) for told in chosen]
        listening += [threads.submit(shaper.shape) for shaper in self._shapers]
        time.sleep(self._chance.uniform(0.05, 2.0))
        at = time.monotonic()
        self._server.kill_all()
        if with_mongod:
            self._mongod.kill()
        wait(listening)
        for one in listening:
            one.result()
        for told in chosen:
            if told.turn is not None:
                told.turn.hurt_at = at
        self._come_back()
        self._compare(chosen)
        for shaper in self._shapers:
            shaper.check()
        self._figures.rounds += 1

    def _free(self) -> list[Told]:
        """Those who may begin a turn. Where too few are left, the server lives on until it has ended their answers."""
        free = [told for told in self._told if told.turn is None]
        if len(free) >= STREAMING:
            return free
        self._wait_for_all_ends()
        return list(self._told)

    def _come_back(self) -> None:
        began = time.monotonic()
        if not self._mongod.is_running:
            self._mongod.start()
        self._server.start()
        self._figures.ready_after.append(time.monotonic() - began)

    def _chat(self, told: Told) -> None:
        """Sends messages and hears their answers until the server dies."""
        while True:
            turn = Turn(new_id(), f"message {told.turns}")
            told.begin(turn)
            self._figures.turns += 1
            try:
                with told.chat.stream(turn.content, id=turn.id) as stream:
                    for event in stream:
                        stream.heard.take(event)
                        turn.take(stream.heard)
            except (OSError, HTTPException, Refused):
                return
            if turn.ended is None:
                return
            self._figures.ended += 1
            told.settled += [turn.started["userMessage"], turn.ended] if turn.started else []
            told.turn = None

    def _compare(self, chosen: list[Told]) -> None:
        """What is stored with what was told, right after the start."""
        for told in chosen:
            turn, history = told.turn, told.chat.history()
            if turn is not None and turn.started is None and len(history) == len(told.settled):
                told.turn = None  # it was never stored, and nobody was told that it was
                told.turns -= 1
                self._figures.turns -= 1
            elif turn is not None:
                self._figures.lost.append(turn.lost_seconds(history[-1]["content"]))
            told.check(history)

    def _wait_for_all_ends(self) -> None:
        began = time.monotonic()
        for told in self._told:
            wait_until(lambda told=told: self._has_ended(told), ENDED_WITHIN, what="the end of an answer")  # type: ignore[misc]
            assert told.chat.header()["messageCount"] == 2 * told.turns == len(told.settled)
        self._figures.messages = sum(len(told.settled) for told in self._told)
        self._figures.all_ended_after = max(self._figures.all_ended_after, time.monotonic() - began)

    def _has_ended(self, told: Told) -> bool:
        told.check(told.chat.history())
        return told.turn is None
