"""Running answers that no worker writes."""

import time
from typing import Any

from pymongo.database import Database

from chatapp.generation.finish import Finisher
from chatapp.generation.reap import DEAD_AFTER, LOOK_EVERY, Reaper
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository

Found = list[tuple[str, str]]
"""Conversation and answer of each, by their ids."""


class AbandonedAnswers:
    """Tells them by their heartbeats, which stand still. Nothing is waited for where no answer is running."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        self._conversations = ConversationRepository(database)
        self._generations = GenerationRepository(database)
        self._messages = MessageRepository(database)
        self._finisher = Finisher(self._conversations, self._messages)

    def find(self) -> Found:
        """Those whose heartbeat stood still for as long as a worker takes one for dead."""
        before = self._signs()
        if not before:
            return []
        time.sleep(DEAD_AFTER + LOOK_EVERY)
        after = self._signs()
        return [(sign[0], answer_id) for answer_id, sign in before.items() if after.get(answer_id) == sign]

    def end(self) -> Found:
        """Ends them as a worker would: what was stored of their text is kept."""
        before = self._signs()
        if not before:
            return []
        stores = (self._conversations, self._messages, self._generations)
        reaper = Reaper(*stores, self._finisher, own=tuple, suspect=lambda _: None)
        reaper.look()
        until = time.monotonic() + DEAD_AFTER
        while time.monotonic() < until:
            time.sleep(LOOK_EVERY)
            reaper.look()
        reaper.look()  # the one before may have begun too early
        after = self._signs()
        return [(sign[0], answer_id) for answer_id, sign in before.items() if answer_id not in after]

    def _signs(self) -> dict[str, tuple[str, int | None]]:
        """The conversation of each running answer and its last heartbeat, by the answer's id."""
        running = {generation.message_id: id_ for _, id_, generation in self._conversations.turns.running()}
        signs: dict[str, tuple[str, int | None]] = {answer_id: (id_, None) for answer_id, id_ in running.items()}
        signs |= {beat.answer_id: (beat.conversation_id, beat.count) for beat in self._generations.heartbeats()}
        return signs
