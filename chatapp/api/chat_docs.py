"""What the OpenAPI document says about turns: the events of a stream, and the ways in which an answer fails."""

from __future__ import annotations

import json
from typing import Any

from chatapp.api.turn_errors import AnswerFailed, AnswerTimedOut, ProviderBusy

FAILED_ANSWERS = (AnswerFailed, ProviderBusy, AnswerTimedOut)

_QUESTION = (
    '{"id":"5c1d6a52-9d2f-4d5f-8d35-0c8f8e0a7b10","parentId":null,"role":"user","content":"Why is the sky blue?",'
    '"status":"complete"}'
)
_ANSWER_ID = "0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11"
_ANSWER = f'{{"id":"{_ANSWER_ID}","role":"assistant","content":"%s","status":"%s"}}'


def _failed(code: str, sentence: str) -> dict[str, Any]:
    """What the error of a failed answer holds besides: why, and both messages as they are stored."""
    error = {"code": code, "message": sentence}
    answer = {**json.loads(_ANSWER % ("", "error")), "error": error}
    return {"error": error, "userMessage": json.loads(_QUESTION), "assistantMessage": answer}


TURN_EXAMPLES: dict[str, dict[str, Any]] = {
    "TurnInProgress": {"messageId": _ANSWER_ID},
    "AnswerFailed": _failed("provider_failed", AnswerFailed.sentence),
    "ProviderBusy": _failed("throttled", ProviderBusy.sentence),
    "AnswerTimedOut": _failed("timeout", AnswerTimedOut.sentence),
}
LAST_EVENT_ID: dict[str, Any] = {
    "in": "header",
    "name": "Last-Event-ID",
    "description": "The id of the last event that was heard.",
    "schema": {"type": "string"},
}

_DESCRIPTION = """\
Server-Sent Events, each with one line of JSON as its data:

- `start` `{userMessage, assistantMessage}`: both are stored. The user's message is null where one is answered again.
- `delta` `{text}`: new text. Its `id` is the length of the answer so far in UTF-16 code units; sent back as
  `Last-Event-ID` it goes on at exactly that place.
- `title` `{title}`: the conversation got a title.
- `end` `{assistantMessage}`: the answer as it is stored: `complete`, `stopped`, `interrupted` or `error`.

A comment every 15 s keeps the connection open. A stream that ends without `end` is to be joined again.
"""

EVENTS: dict[str, Any] = {
    "schema": {"type": "string"},
    "description": _DESCRIPTION,
    "example": (
        f'event: start\ndata: {{"userMessage":{_QUESTION},"assistantMessage":{_ANSWER % ("", "streaming")}}}\n\n'
        'event: delta\nid: 9\ndata: {"text":"Sunlight "}\n\n'
        'event: delta\nid: 18\ndata: {"text":"scatters."}\n\n'
        f'event: end\ndata: {{"assistantMessage":{_ANSWER % ("Sunlight scatters.", "complete")}}}\n\n'
    ),
}
