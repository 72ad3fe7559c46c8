"""What the OpenAPI document says about turns: their streams, and the ways in which an answer fails."""

from typing import Any

from chatapp.api.schemas.events import event_example, stream_of
from chatapp.api.schemas.examples import (
    ANSWER,
    ANSWER_ID,
    CONVERSATION_ID,
    CREATED_AT,
    MODEL,
    QUESTION,
    QUESTION_ID,
    USER_ID,
)
from chatapp.api.turn_errors import AnswerFailed
from chatapp.errors import StorageFull, TurnInProgress
from chatapp.models.chat_models import MessageError
from chatapp.models.failures import FailureCode

_BOTH = {"userId": USER_ID, "conversationId": CONVERSATION_ID, "createdAt": CREATED_AT}
_QUESTION = {"id": QUESTION_ID, "parentId": None, "role": "user", "content": QUESTION, "status": "complete", **_BOTH}


def _answer(content: str, status: str, **more: object) -> dict[str, Any]:
    answer = {"id": ANSWER_ID, "parentId": QUESTION_ID, "role": "assistant", "content": content, "status": status}
    return {**answer, **_BOTH, "model": MODEL, **more}


def _failed(code: FailureCode) -> AnswerFailed:
    error = {"code": code, "message": code.sentence}
    turn = {"userMessage": _QUESTION, "assistantMessage": _answer("", "error", error=error)}
    return AnswerFailed(MessageError(code, code.sentence), turn)


FULL = StorageFull(stored_bytes=2_000_000_321, quota_bytes=2_000_000_000)
RUNNING = TurnInProgress(ANSWER_ID)
FAILED_ANSWERS = tuple(
    _failed(code)
    for code in (FailureCode.PROVIDER_FAILED, FailureCode.THROTTLED, FailureCode.TIMEOUT, FailureCode.INTERNAL)
)
"""One for each status that such an answer may have."""

_DESCRIPTION = """\
Server-Sent Events, each with one line of JSON as its data:

- `start` `{userMessage, assistantMessage}`: both are stored. The user's message is null where another answer to it is
  written.
- `reasoning` `{text, at}`: what the model thinks before it answers. `at` is where this begins in all of the reasoning,
  in UTF-16 code units: all of it is sent again to clients that join, unless `reasoningAfter` says where to continue.
- `delta` `{text}`: new text. Its `id` is the length of the answer so far in UTF-16 code units; sent back as
  `Last-Event-ID`, the stream continues at exactly that place.
- `title` `{title}`: the conversation got a title.
- `end` `{assistantMessage}`: the answer as it is stored: `complete`, `stopped`, `interrupted` or `error`.

A comment every 15 s keeps the connection open. A stream that ends without `end` should be joined again with
`GET /api/chat/{sessionId}/stream`. The stream of a device that is signed out ends within five seconds; the answer goes
on.
"""


TURN_STREAM: dict[str, Any] = {
    "schema": stream_of("TurnEvent"),
    "description": _DESCRIPTION,
    "examples": {
        "start": event_example("start", {"userMessage": _QUESTION, "assistantMessage": _answer("", "streaming")}),
        "reasoning": event_example("reasoning", {"text": "The person asks ", "at": 0}),
        "delta": event_example("delta", {"text": "Sunlight "}, id="9"),
        "title": event_example("title", {"title": QUESTION}),
        "end": event_example("end", {"assistantMessage": _answer(ANSWER, "complete")}),
    },
    "content_type": "text/event-stream",
}
