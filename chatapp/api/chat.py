"""Chatting: sessions, turns as JSON or as Server-Sent Events, and listening to a running answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask import Response, request

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.chat_docs import EVENTS, FAILED_ANSWERS, LAST_EVENT_ID, TURN_EXAMPLES
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.base import MessagePageArgs
from chatapp.api.schemas.chat import (
    ChatSessionSchema,
    ListenArgs,
    RegenerateSchema,
    StartChatSchema,
    TurnSchema,
)
from chatapp.api.schemas.message import MessagePageSchema, MessageSchema, NewMessageSchema
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.api.sse import HEARTBEAT, at_once, event, stream
from chatapp.api.turn_errors import AnswerFailed, failure_of
from chatapp.container import container
from chatapp.errors import (
    Busy,
    ChatSessionExpired,
    ChatSessionNotFound,
    ConversationInTrash,
    ConversationNotFound,
    Invalid,
    MessageIdTaken,
    NotOwner,
    TooManyAnswers,
    TurnInProgress,
)
from chatapp.generation import follow as turn_events
from chatapp.generation.turn import AnotherAnswer, NewMessage, Turn
from chatapp.models.chat_models import ChatSession, Message, Page, Parent
from chatapp.services.chat_service import StartOptions, wait_for_answer

blueprint = ApiBlueprint("chat", __name__, url_prefix="/api/chat", description="Chatting with a model")

SESSION_ERRORS = (ChatSessionNotFound, NotOwner, ChatSessionExpired)
TURN_ERRORS = (*SESSION_ERRORS, TurnInProgress, ConversationInTrash, Invalid, TooManyAnswers, Busy)

_message_schema = MessageSchema()
_turn_schema = TurnSchema()


@blueprint.route("/start", methods=["POST"])
@signed_in
@may_fail(ConversationNotFound, NotOwner)
@blueprint.arguments(StartChatSchema, required=False)
@blueprint.response(201, ChatSessionSchema)
def start(options: dict[str, Any]) -> ChatSession:
    """Begin to chat: a session on one of your conversations, or on a new one."""
    conversation_id = options.pop("conversation_id")
    return container().chat.start(current_user_id(), conversation_id, StartOptions(**options))


@blueprint.route("/<session_id>/message", methods=["POST"])
@signed_in
@may_fail(*TURN_ERRORS, MessageIdTaken, *FAILED_ANSWERS, examples=TURN_EXAMPLES)
@blueprint.arguments(NewMessageSchema)
@blueprint.response(201, TurnSchema)
@blueprint.alt_response(200, content_type="text/event-stream", **EVENTS)
def send(message: dict[str, Any], session_id: str) -> Response | dict[str, Any]:
    """Send a message and have it answered.

    The message is stored before the model is asked, the answer after it is written. With `Accept: text/event-
    stream` the answer comes as it is written; else the call waits for it. A client that leaves changes nothing: the
    answer goes on and is stored.
    """
    new = NewMessage(message["content"], message["id"], message.get("parent_id", Parent.ACTIVE))
    return _answer(container().chat.send(current_user_id(), session_id, new))


@blueprint.route("/<session_id>/regenerate", methods=["POST"])
@signed_in
@may_fail(*TURN_ERRORS, *FAILED_ANSWERS, examples=TURN_EXAMPLES)
@blueprint.arguments(RegenerateSchema)
@blueprint.response(201, TurnSchema)
@blueprint.alt_response(200, content_type="text/event-stream", **EVENTS)
def regenerate(which: dict[str, Any], session_id: str) -> Response | dict[str, Any]:
    """Have another answer written beside one that is there. Both stay; the new one is shown."""
    return _answer(
        container().chat.regenerate(current_user_id(), session_id, AnotherAnswer(which["message_id"], which["id"]))
    )


@blueprint.route("/<session_id>/stop", methods=["POST"])
@signed_in
@may_fail(*SESSION_ERRORS)
@blueprint.response(204)
def stop(session_id: str) -> None:
    """Stop the answer being written, from any session of the conversation. What was written stays, as `stopped`."""
    container().chat.stop(current_user_id(), session_id)


@blueprint.route("/<session_id>/stream", methods=["GET"])
@signed_in
@may_fail(*SESSION_ERRORS)
@blueprint.arguments(ListenArgs, location="query")
@blueprint.doc(parameters=[LAST_EVENT_ID])
@blueprint.response(200, **EVENTS, content_type="text/event-stream")
@blueprint.alt_response(204, description="No answer is being written.")
def listen(where: dict[str, Any], session_id: str) -> Response:
    """Join the answer being written, from its beginning or from the place that `Last-Event-ID` (or `after`) names.

    Whoever names the answer too, with `messageId`, is told of another one from its `start` on.
    """
    events = container().chat.listen(current_user_id(), session_id, _place(where["after"]), where["message_id"])
    return Response(status=204) if events is None else stream(at_once(_lines(events)))


@blueprint.route("/<session_id>/history", methods=["GET"])
@signed_in
@may_fail(*SESSION_ERRORS)
@blueprint.arguments(MessagePageArgs, location="query")
@blueprint.response(200, MessagePageSchema)
def history(page: dict[str, Any], session_id: str) -> Page[Message]:
    """The conversation so far: the newest page first, inside a page the oldest message first."""
    return container().chat.history(current_user_id(), session_id, **page)


def _answer(turn: Turn) -> Response | dict[str, Any]:
    """A turn that has begun, in the form that the caller accepts."""
    if _accepts_events():
        return stream(_lines(turn_events.follow(turn)))
    answer = wait_for_answer(turn)
    failure = failure_of(answer)
    if failure is not None:
        both = _turn_schema.dump({"user_message": turn.user_message, "assistant_message": answer})
        raise AnswerFailed(failure, both, turn.text.retry_after)
    return {"user_message": turn.user_message, "assistant_message": answer}


def _accepts_events() -> bool:
    """Only where ``Accept`` names the type: ``*/*`` is answered with JSON."""
    return any(
        mimetype.partition(";")[0].rstrip().lower() == "text/event-stream" and quality > 0
        for mimetype, quality in request.accept_mimetypes
    )


def _place(after: int | None) -> int | None:
    """Where to go on, in UTF-16 code units. An event id that is no place of ours begins at the beginning."""
    last = request.headers.get("Last-Event-ID", "")
    if last.isascii() and last.isdigit() and len(last) <= 15:
        return int(last)
    return after


def _lines(events: Iterator[turn_events.Event]) -> Iterator[str]:
    for happened in events:
        match happened:
            case turn_events.Delta(text, at):
                yield event("delta", {"text": text}, at)
            case turn_events.Silence():
                yield HEARTBEAT
            case turn_events.Started(user_message, answer):
                question = _message_schema.dump(user_message) if user_message is not None else None
                yield event("start", {"userMessage": question, "assistantMessage": _message_schema.dump(answer)})
            case turn_events.Titled(title):
                yield event("title", {"title": title})
            case turn_events.Ended(answer):
                yield event("end", {"assistantMessage": _message_schema.dump(answer)})
