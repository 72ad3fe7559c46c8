"""People who do anything to a few conversations, on workers that die, stand still and take over from each other.

The machine keeps what it was told. Whatever happens, a history must be exactly that, each message once and in order.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.support.chat_client import Chat, Person, Refused, new_id
from tests.support.fake_models import TWO_SECONDS
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess
from tests.support.sse import AnswerStream
from tests.support.told import Told, Turn

CONVERSATIONS = 3
HURTS = 2
"""Kills and pauses in one run: they take time."""


class Chatting(RuleBasedStateMachine):
    """The rules; ``servers`` are two workers on one database."""

    servers: ClassVar[list[ServerProcess]]
    provider: ClassVar[FakeProvider]

    def __init__(self) -> None:
        super().__init__()
        self._told: list[Told] = []
        self._hurts = 0
        self._asleep: ServerProcess | None = None

    @initialize()
    def sign_up(self) -> None:
        self._asked_before = self.provider.total
        alice = Person.register(self.servers[0].base_url)
        self._told = [Told(alice.start(model=TWO_SECONDS)) for _ in range(CONVERSATIONS)]

    which = st.integers(0, CONVERSATIONS - 1)
    worker = st.integers(0, 1)
    until = st.sampled_from(["start", "text", "end"])
    listened = st.sampled_from([0.0, 0.4, 1.7])

    @rule(which=which, worker=worker, until=until)
    def send(self, which: int, worker: int, until: str) -> None:
        told, chat = self._at(which, worker)
        turn = Turn(new_id(), f"message {told.turns}")
        try:
            stream = chat.stream(turn.content, id=turn.id)
        except Refused as refused:
            self._check_refused(told, refused)
            return
        with stream:
            if told.turn is not None:  # it has ended since
                self._check_settled_by(told, turn)
            told.begin(turn)
            self._hear(told, turn, stream, until)

    @rule(which=which, worker=worker, until=until)
    def send_again(self, which: int, worker: int, until: str) -> None:
        told, chat = self._at(which, worker)
        if told.turn is not None:
            with chat.stream(told.turn.content, id=told.turn.id) as stream:
                self._hear(told, told.turn, stream, until)
        elif told.settled:
            question, answer = told.settled[-2:]
            with chat.stream(question["content"], id=question["id"]) as stream:
                heard = stream.rest()
            assert heard.started is not None
            assert (heard.started["userMessage"], heard.answer) == (question, answer)

    @precondition(lambda self: any(told.turn for told in self._told))
    @rule(which=which, worker=worker)
    def send_other_content_with_the_same_id(self, which: int, worker: int) -> None:
        told, chat = self._at(which, worker)
        if told.turn is not None:
            assert chat.say("something else", id=told.turn.id).status == 409

    @precondition(lambda self: any(told.turn for told in self._told))
    @rule(which=which, worker=worker, until=until, back=st.floats(0, 1))
    def resume(self, which: int, worker: int, until: str, back: float) -> None:
        told, chat = self._at(which, worker)
        if told.turn is None:
            return
        place = int(len(told.turn.heard) * back)
        stream = chat.listen(last_event_id=place)
        if stream is not None:
            with stream:
                self._hear(told, told.turn, stream, until, place)

    @rule(which=which, worker=worker)
    def stop(self, which: int, worker: int) -> None:
        self._at(which, worker)[1].stop()

    @precondition(lambda self: self._hurts < HURTS and self._asleep is None)
    @rule(which=which, worker=worker, seconds=listened)
    def kill(self, which: int, worker: int, seconds: float) -> None:
        with self._hurting(which, worker, seconds):
            self.servers[worker].kill_all()
        self.servers[worker].start()

    @precondition(lambda self: self._hurts < HURTS and self._asleep is None)
    @rule(which=which, worker=worker, seconds=listened)
    def fall_asleep(self, which: int, worker: int, seconds: float) -> None:
        with self._hurting(which, worker, seconds):
            self._asleep = self.servers[worker]
            self._signal(signal.SIGSTOP)

    @precondition(lambda self: self._asleep is not None)
    @rule(after=st.sampled_from([0.0, 3.5]))
    def wake_up(self, after: float) -> None:
        time.sleep(after)
        self._signal(signal.SIGCONT)
        self._asleep = None

    @invariant()
    def histories_are_what_was_told(self) -> None:
        for number, told in enumerate(self._told):
            told.check(self._at(number, number)[1].history())

    def teardown(self) -> None:
        """Everything ends, and both workers show the same."""
        if self._asleep is not None:
            self.wake_up(0.0)
        for told in self._told:
            wait_until(lambda told=told: self._has_ended(told), 30, what="the end of an answer")  # type: ignore[misc]
            here, there = (told.chat.at(server.base_url).history(limit=3) for server in self.servers)
            assert here == there == told.settled
            assert len({message["id"] for message in here}) == len(here) == 2 * told.turns
            assert told.chat.header()["messageCount"] == len(here)
        if self._told:
            assert self.provider.total - self._asked_before <= sum(told.turns for told in self._told)

    def _has_ended(self, told: Told) -> bool:
        told.check(told.chat.history())
        return told.turn is None

    def _at(self, which: int, worker: int) -> tuple[Told, Chat]:
        """A conversation, and the way to it over a worker that is awake."""
        server = self.servers[worker % 2]
        if server is self._asleep:
            server = self.servers[(worker + 1) % 2]
        told = self._told[which]
        told.chat = told.chat.at(server.base_url)
        return told, told.chat

    def _hear(self, told: Told, turn: Turn, stream: AnswerStream, until: str, place: int = 0) -> None:
        """Listens for a while. An answer that nobody writes is heard to its end once another has taken it over."""
        if until == "start":
            stream.until(lambda heard: heard.started is not None or heard.text != "")
        elif until == "text":
            stream.until_text(60)
        else:
            stream.rest()
        turn.take(stream.heard, place)

    def _check_refused(self, told: Told, refused: Refused) -> None:
        assert refused.reply.status == 409
        assert told.turn is not None, "nothing was running"
        assert told.turn.answer_id in {None, refused.reply.body["messageId"]}

    def _check_settled_by(self, told: Told, turn: Turn) -> None:
        """The next turn was taken, so the last one must have ended."""
        history = told.chat.history()
        ours = next(index for index, message in enumerate(history) if message["id"] == turn.id)
        told.check(history[:ours])
        assert told.turn is None, "a turn was taken while an answer was being written"

    @contextmanager
    def _hurting(self, which: int, worker: int, seconds: float) -> Iterator[None]:
        """Something bad happens to a worker while somebody listens there, to a new turn if none is running."""
        self._hurts += 1
        told, chat = self._at(which, worker)
        stream = self._listening(told, chat)
        if stream is not None:
            assert told.turn is not None
            until = time.monotonic() + seconds
            while time.monotonic() < until and stream.heard.ended is None:
                stream.until_text(len(stream.heard.text) + 1)
                told.turn.take(stream.heard)
        for each in self._told:
            if each.turn is not None:
                each.turn.hurt_at = min(each.turn.hurt_at, time.monotonic())
        yield
        if stream is not None:
            stream.close()

    def _listening(self, told: Told, chat: Chat) -> AnswerStream | None:
        if told.turn is not None:
            return chat.listen(last_event_id=0)
        turn = Turn(new_id(), f"message {told.turns}")
        told.begin(turn)
        return chat.stream(turn.content, id=turn.id)

    def _signal(self, number: signal.Signals) -> None:
        assert self._asleep is not None
        for worker in self._asleep.worker_pids():
            os.kill(worker, number)
