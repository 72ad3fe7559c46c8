"""A turn as it is answered: as JSON once it has ended, or as Server-Sent Events while it happens."""

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from chatapp.api.locations import Created, created
from chatapp.api.problems import NotSignedIn
from chatapp.api.schemas.chat import TurnSchema
from chatapp.api.schemas.message import MessageSchema
from chatapp.api.sign_in import current_sign_in, leave_place
from chatapp.api.sse import HEARTBEAT, event, stream
from chatapp.api.turn_errors import AnswerFailed, failure_of
from chatapp.container import container
from chatapp.generation import follow as turn_events
from chatapp.generation.turn import Turn
from chatapp.services.chat_service import wait_for_answer

STORING_SECONDS = 30.0
"""How much longer than an answer may take a caller waits for it to be stored."""

_message_schema = MessageSchema()
_turn_schema = TurnSchema()


def as_events(turn: Turn) -> Response:
    """The turn as it happens."""
    return stream(lines_of(turn_events.follow(turn)))


def as_json(turn: Turn) -> Created[dict[str, Any]]:
    """The turn once it has ended.

    Raises:
        NotSignedIn: the device has been signed out meanwhile.
        AnswerFailed: the answer failed; both messages are stored.
        Busy: it has not ended in time, or this worker ends before it does. The answer goes on.
    """
    leave_place()
    answer = wait_for_answer(turn, container().settings.answer_timeout + STORING_SECONDS)
    if not container().accounts.is_signed_in(current_sign_in()):
        raise NotSignedIn
    messages = {"user_message": turn.user_message, "assistant_message": answer}
    failure = failure_of(answer)
    if failure is not None:
        raise AnswerFailed(failure, _turn_schema.dump(messages), turn.text.retry_after)
    return created(messages, "conversations.get_message", conversation_id=answer.conversation_id, message_id=answer.id)


def as_preferred(turn: Turn) -> Response | Created[dict[str, Any]]:
    """As ``as_events`` or as ``as_json``, by the request's ``Accept``."""
    return as_events(turn) if _prefers_events() else as_json(turn)


def _prefers_events() -> bool:
    """Whether ``Accept`` names event streams, and gives JSON no greater weight. ``*/*`` alone means JSON."""
    accepted = request.accept_mimetypes
    named = [weight for name, weight in accepted if name.partition(";")[0].rstrip().lower() == "text/event-stream"]
    weight = max(named, default=0)
    return weight > 0 and weight >= accepted.quality("application/json")


def lines_of(events: Iterator[turn_events.Event]) -> Iterator[str]:
    """The events as they go over the wire."""
    for happened in events:
        match happened:
            case turn_events.Delta(text, at):
                yield event("delta", {"text": text}, at)
            case turn_events.Thought(text, at):
                yield event("reasoning", {"text": text, "at": at})
            case turn_events.Silence():
                yield HEARTBEAT
            case turn_events.Started(user_message, answer):
                question = _message_schema.dump(user_message) if user_message is not None else None
                yield event("start", {"userMessage": question, "assistantMessage": _message_schema.dump(answer)})
            case turn_events.Titled(title):
                yield event("title", {"title": title})
            case turn_events.Ended(answer):
                yield event("end", {"assistantMessage": _message_schema.dump(answer)})
