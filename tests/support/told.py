"""What a client was told of its turns, to be compared with what is stored."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from math import inf

from tests.support.chat_client import Chat, Json
from tests.support.fake_models import whole_text
from tests.support.listener import LOST_SECONDS
from tests.support.sse import Heard, utf16_cut, utf16_length

ENDED = {"complete", "stopped", "interrupted"}


@dataclass
class Turn:
    """What was told of a turn. Text that came less than a second before ``hurt_at`` may be lost.

    ``times`` are moments (monotonic seconds), each with the characters that had been heard by then.
    """

    id: str
    content: str
    started: Json | None = None
    ended: Json | None = None
    heard: str = ""
    times: list[tuple[float, int]] = field(default_factory=list)
    hurt_at: float = inf

    @property
    def answer_id(self) -> str | None:
        return self.started["assistantMessage"]["id"] if self.started else None

    @property
    def place(self) -> int:
        """Where a listener goes on, in UTF-16 code units."""
        return utf16_length(self.heard)

    def take(self, heard: Heard, place: int = 0) -> None:
        """Adds what a listener heard who began at ``place``."""
        if heard.started is not None and self.started is None:
            self.started = heard.started
        text = utf16_cut(self.heard, place) + heard.text
        assert text.startswith(self.heard) or self.heard.startswith(text), "two listeners heard different texts"
        if len(text) > len(self.heard):
            self.heard = text
            self.times.append((time.monotonic(), len(text)))
        if heard.ended is not None:
            assert self.ended in (None, heard.ended), "an end that changed"
            self.ended = heard.ended

    def check(self, question: Json, answer: Json | None) -> None:
        """That what is stored of the turn is what was told of it."""
        assert (question["id"], question["content"], question["role"]) == (self.id, self.content, "user")
        if self.started is not None:
            assert question == self.started["userMessage"], "a message that changed"
        if answer is None:
            assert self.started is None, "start was told, but there is no answer"
            return
        assert answer["parentId"] == self.id
        assert self.answer_id in {None, answer["id"]}
        self._check_text(answer)
        if self.ended is not None:
            assert answer == self.ended, "end was told, and something else is stored"

    def lost_seconds(self, content: str) -> float:
        """How long before ``hurt_at`` the first character came that ``content`` lacks; 0 where it lacks none."""
        missed = [at for at, length in self.times if length > len(content)]
        return max(0.0, self.hurt_at - missed[0]) if missed and self.hurt_at < inf else 0.0

    def _check_text(self, answer: Json) -> None:
        whole, content, status = whole_text(answer["model"]), answer["content"], answer["status"]
        assert whole.startswith(content), "text that the model did not write"
        if status == "complete":
            assert content == whole
        if status in {"complete", "stopped"}:
            assert self.hurt_at < inf or content.startswith(self.heard), "text that was heard is lost"
        if self.hurt_at < inf:
            assert self.lost_seconds(content) <= LOST_SECONDS, "more than the last second of text is lost"


@dataclass
class Told:
    """A conversation, and what was told of it: turns that have ended, and the last one."""

    chat: Chat
    settled: list[Json] = field(default_factory=list)
    turn: Turn | None = None
    turns: int = 0

    def begin(self, turn: Turn) -> None:
        self.turn = turn
        self.turns += 1

    def check(self, history: list[Json]) -> None:
        """Compares, and settles the last turn once it has ended.

        Raises:
            AssertionError: something that was told is not there, or something is there that nobody sent.
        """
        known = len(self.settled)
        assert history[:known] == self.settled, "what was settled has changed"
        rest = history[known:]
        if self.turn is None:
            assert rest == [], "messages that nobody sent"
            return
        assert 1 <= len(rest) <= 2, f"{len(rest)} messages of one turn"
        self.turn.check(rest[0], rest[1] if len(rest) == 2 else None)
        if len(rest) == 2 and rest[1]["status"] in ENDED:
            self.settled += rest
            self.turn = None
