"""Answers written on a real MongoDB, by a provider that does as a test says."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import gevent
import pytest
from bson import ObjectId
from gevent.event import Event
from pymongo.database import Database

from chatapp.generation.engine import GenerationEngine
from chatapp.generation.finish import Finisher
from chatapp.generation.reserve import Reservations
from chatapp.generation.text import joined
from chatapp.generation.turn import AnotherAnswer, Reserved, SentBefore, Turn
from chatapp.models.chat_models import Conversation, FinishReason, Message, NewMessage
from chatapp.providers.chat import Finish, Piece
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository, Unfinished
from chatapp.repositories.project_repository import ProjectRepository
from tests.support.greenlets import wait_until
from tests.support.processes import PATIENCE


@dataclass
class Script:
    """What the provider says: pieces, errors to raise, and events to wait for, in order."""

    steps: list[Any] = field(default_factory=lambda: ["Hello, ", "world."])
    asked: int = 0
    closed: int = 0
    named: list[tuple[str | None, Message]] = field(default_factory=list)

    def name(self, reserved: Reserved, answer: Message) -> None:
        self.named.append((reserved.title, answer))

    def ask(self, reserved: Reserved) -> Generator[Piece, None, None]:
        self.asked += 1
        try:
            for step in self.steps:
                if isinstance(step, BaseException):
                    raise step
                if isinstance(step, Event):
                    step.wait()
                else:
                    yield step
            if not self.steps or not isinstance(self.steps[-1], Finish):
                yield Finish(None, FinishReason.STOP)
        finally:
            self.closed += 1


class Bench:
    """One worker's parts, and a conversation to write in. ``another_worker`` has its own parts on the same database."""

    def __init__(self, database: Database[dict[str, Any]], script: Script, user_id: str, answers_per_user: int) -> None:
        self.database = database
        self.script = script
        self.user_id = user_id
        self.conversations = ConversationRepository(database)
        self.messages = MessageRepository(database)
        self.generations = GenerationRepository(database)
        self.finisher = Finisher(self.conversations, self.messages)
        self.reservations = Reservations(
            self.conversations,
            self.messages,
            ProjectRepository(database),
            answers_per_user=answers_per_user,
        )
        self.engine = GenerationEngine(
            self.conversations,
            self.messages,
            self.generations,
            ask=script.ask,
            name=script.name,
            answer_timeout=60,
            limit=10,
        )
        self.conversation = self.conversations.create(user_id)

    def another_worker(self) -> Bench:
        other = Bench(self.database, self.script, self.user_id, 4)
        other.conversation = self.conversation
        return other

    def send(self, content: str = "Hi", **options: Any) -> Turn:
        taken = self.reserve(content, **options)
        assert isinstance(taken, Reserved)
        return self.engine.write(taken)

    def reserve(self, content: str = "Hi", **options: Any) -> Reserved | SentBefore:
        return self.reservations.for_message(
            self.user_id, self.conversation.id, NewMessage(content, **options), "test-model"
        )

    def reserve_another(self, wanted: AnotherAnswer) -> Reserved | SentBefore:
        return self.reservations.for_another_answer(self.user_id, self.conversation.id, wanted, "test-model")

    def header(self) -> Conversation:
        return self.conversations.get(self.user_id, self.conversation.id)

    def history(self) -> tuple[Message, ...]:
        return self.messages.page(self.user_id, self.conversation.id, limit=100, cursor=None).items

    def stop(self) -> None:
        for run in list(self.engine._runs.values()):
            run._greenlet.kill() if run._greenlet else None
        gevent.killall(self.engine._loops)


def ended(turn: Turn) -> Message:
    """The answer when it has ended."""
    turn.text.wait_for_end(PATIENCE)
    assert turn.text.ended is not None
    return turn.text.ended


def until_stored(bench: Bench, answer_id: str, text: str) -> Unfinished:
    """What is stored of an answer that is being written, once that is ``text``."""
    wait_until(lambda: (left := bench.generations.read(bench.user_id, answer_id)) and joined(left.chunks) == text)
    written = bench.generations.read(bench.user_id, answer_id)
    assert written is not None
    return written


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def bench(database: Database[dict[str, Any]], script: Script) -> Iterator[Bench]:
    made = Bench(database, script, str(ObjectId()), 4)
    yield made
    made.stop()


@pytest.fixture
def crawling(script: Script) -> Script:
    script.steps = ["what was written ", Event(), "never"]
    return script
