"""Listeners who leave and come back at random places, on whichever worker takes the connection."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from tests.support.chat_client import Chat, Person
from tests.support.fake_models import UNICODE, whole_text
from tests.support.sse import utf16_cut

LISTENERS = 4


@dataclass
class ResumeFigures:
    """What was heard, put together."""

    answers: int = 0
    resumes: int = 0
    characters: int = 0

    def __str__(self) -> str:
        return (
            f"{self.resumes} resumes at random places on random workers, in {self.answers} answers: "
            f"{self.characters} characters heard, all as they are stored"
        )


def resume(base_url: str, resumes: int, chance: random.Random) -> ResumeFigures:
    """Goes on until there were so many resumes.

    Raises:
        AssertionError: what a listener heard is not what is stored.
    """
    figures = ResumeFigures()
    alice = Person.register(base_url)
    while figures.resumes < resumes:
        chat = alice.start(model=UNICODE)
        seeds = [chance.random() for _ in range(LISTENERS)]
        with chat.stream("Hi") as stream, ThreadPoolExecutor(LISTENERS) as threads:
            stream.until_started()
            listening = [threads.submit(_hop, chat, random.Random(seed)) for seed in seeds]
            stored = stream.rest().answer["content"]
            for listener in listening:
                heard, hops = listener.result()
                assert heard == stored
                figures.resumes += hops
                figures.characters += len(heard)
        assert stream.heard.text == stored == whole_text(UNICODE) == chat.history()[-1]["content"]
        figures.answers += 1
    return figures


def _hop(chat: Chat, chance: random.Random) -> tuple[str, int]:
    """Hears an answer in pieces; some places lie before the end of what was heard already."""
    text, place, resumes = "", 0, 0
    places = [0]
    while True:
        stream = chat.listen(last_event_id=place)
        if stream is None:  # it has ended: the rest is in the history
            return text + chat.history()[-1]["content"][len(text) :], resumes
        resumes += 1
        pieces = chance.randint(1, 6)
        with stream:
            for event in stream:
                stream.heard.take(event)
                pieces -= event.name == "delta"
                if event.name == "delta":
                    places.append(stream.heard.place)
                if not pieces:
                    break
        again = utf16_cut(text, place) + stream.heard.text
        assert again.startswith(text) or text.startswith(again)
        text = max(text, again, key=len)
        if stream.heard.ended is not None:
            return text, resumes
        place = chance.choice(places) if chance.random() < 0.2 else places[-1]
