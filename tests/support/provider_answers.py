"""Builds the bytes of answers, and reads them as the application does."""

from __future__ import annotations

import json

from chatapp.providers.answer_reader import AnswerReader
from chatapp.providers.chat import Finish, ReasoningText
from chatapp.providers.errors import ProviderError


def event(chunk: object) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"


def chunk(delta: object = None, reason: object = None, **more: object) -> bytes:
    return event({"choices": [{"index": 0, "delta": delta or {}, "finish_reason": reason}], **more})


def text(said: object, reason: object = None) -> bytes:
    return chunk({"content": said}, reason)


DONE = b"data: [DONE]\n\n"
STOP = chunk(reason="stop")


class Outcome:
    """All of an answer whose bytes came in ``parts``: its text, its reasoning and its end."""

    def __init__(self, *parts: bytes) -> None:
        reader = AnswerReader()
        pieces = [piece for part in parts for piece in reader.feed(part)] + reader.end()
        assert all(piece if isinstance(piece, str) else piece.text for piece in pieces), "no piece is empty"
        self.text = "".join(piece for piece in pieces if isinstance(piece, str))
        self.reasoning = "".join(piece.text for piece in pieces if isinstance(piece, ReasoningText))
        self.end: Finish | ProviderError
        try:
            self.end = reader.finish()
        except ProviderError as error:
            self.end = error
        (self.text + self.reasoning).encode()  # no half of a surrogate pair is left

    @property
    def reason(self) -> str | None:
        return self.end.reason.value if isinstance(self.end, Finish) else None

    @property
    def code(self) -> str | None:
        return self.end.code.value if isinstance(self.end, ProviderError) else None
