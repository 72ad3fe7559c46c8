"""Two sends at the same moment, from two tabs, or the same message twice."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Barrier

from tests.support.chat_client import Chat, Json, Person, Reply, new_id
from tests.support.fake_models import QUICK
from tests.support.provider import FakeProvider

CONVERSATIONS = 5


@dataclass
class RaceFigures:
    """What became of the sends."""

    rounds: int = 0
    stored: int = 0
    refused: int = 0
    joined: int = 0
    calls: int = 0

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds of two simultaneous sends: {self.stored} turns stored once each, "
            f"{self.refused} refused with 409, {self.joined} joined the same message's answer, "
            f"{self.calls} calls to the provider"
        )


def race(base_url: str, provider: FakeProvider, rounds: int, chance: random.Random) -> RaceFigures:
    """Half of the rounds send two messages, half of them the same one twice.

    Raises:
        AssertionError: a turn is missing, doubled, or was answered twice.
    """
    figures, asked = RaceFigures(), provider.total
    alice = Person.register(base_url)
    chats = [alice.start(model=QUICK) for _ in range(CONVERSATIONS)]
    stored: dict[str, list[Json]] = {chat.conversation_id: [] for chat in chats}
    with ThreadPoolExecutor(2) as threads:
        for number in range(rounds):
            chat = chats[number % CONVERSATIONS]
            same = chance.random() < 0.5
            _round(chat, stored[chat.conversation_id], threads, figures, same=same)
    for chat in chats:
        assert chat.history() == stored[chat.conversation_id]
    figures.calls = provider.total - asked
    assert figures.calls == figures.stored == sum(map(len, stored.values())) // 2
    return figures


def _round(chat: Chat, stored: list[Json], threads: ThreadPoolExecutor, figures: RaceFigures, *, same: bool) -> None:
    together = Barrier(2)
    id_ = new_id()

    def send(tab: int) -> Reply:
        together.wait()
        return chat.say("both" if same else f"tab {tab}", id=id_ if same else new_id())

    replies = [sent.result() for sent in [threads.submit(send, tab) for tab in range(2)]]
    statuses = Counter(reply.status for reply in replies)
    assert set(statuses) <= {201, 409}, statuses
    taken = {reply.question["id"]: [reply.question, reply.answer] for reply in replies if reply.status == 201}
    if same:
        assert (statuses[201], len(taken)) == (2, 1)
    else:
        assert statuses[201] == len(taken) >= 1
    messages = chat.history()[len(stored) :]
    assert {message["id"] for message in messages} == {one["id"] for turn in taken.values() for one in turn}
    stored += messages
    figures.rounds += 1
    figures.stored += len(taken)
    figures.refused += statuses[409]
    figures.joined += statuses[201] - len(taken)
