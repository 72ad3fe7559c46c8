"""Chatting: sessions, turns as JSON or as Server-Sent Events, and joining an answer that is being written."""

from typing import Any

from flask import Response

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.chat_docs import FAILED_ANSWERS, FULL, RUNNING, TURN_STREAM
from chatapp.api.locations import Created, created
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.base import MessagePageArgs
from chatapp.api.schemas.chat import (
    ChatSessionSchema,
    ChatStartSchema,
    ContinuationSchema,
    JoinArgs,
    RegenerationSchema,
    TurnSchema,
)
from chatapp.api.schemas.events import LastEventId
from chatapp.api.schemas.message import MessagePageSchema, NewTurnSchema
from chatapp.api.sign_in import current_user_id, opens_stream, signed_in
from chatapp.api.sse import at_once, stream
from chatapp.api.turn_answers import as_events, as_preferred, lines_of
from chatapp.container import container
from chatapp.errors import (
    Busy,
    ChatSessionExpired,
    ChatSessionNotFound,
    ConversationInTrash,
    ConversationNotFound,
    InvalidCursor,
    MessageIdTaken,
    NotInConversation,
    NotOwner,
    ProjectNotFound,
    TooManyAnswers,
    UnknownModel,
)
from chatapp.generation.turn import AnotherAnswer, Turn
from chatapp.models.chat_models import ChatSession, Message, NewMessage, Page

blueprint = ApiBlueprint("chat", __name__, url_prefix="/api/chat", description="Chatting with a language model")

SESSION_ERRORS = (ChatSessionNotFound, NotOwner, ChatSessionExpired)
TURN_ERRORS = (*SESSION_ERRORS, RUNNING, ConversationInTrash, FULL, TooManyAnswers, Busy)


@blueprint.route("/start", methods=["POST"])
@signed_in
@may_fail(ConversationNotFound, ProjectNotFound, NotOwner, FULL, UnknownModel)
@blueprint.arguments(ChatStartSchema)
@blueprint.response(201, ChatSessionSchema)
def start_chat(options: dict[str, Any]) -> Created[ChatSession]:
    """Start a chat session on one of your conversations, or on a new one.

    Any number of sessions, on any devices, may use one conversation. With an `idempotencyKey` the same call sent again
    creates no second conversation.
    """
    conversation_id = options.pop("conversation_id", None)
    session = container().chat.start(current_user_id(), conversation_id, **options)
    return created(session, ".get_history", session_id=session.id)


@blueprint.route("/<session_id>/message", methods=["POST"])
@signed_in
@opens_stream
@may_fail(*TURN_ERRORS, NotInConversation("parentId"), UnknownModel, MessageIdTaken, *FAILED_ANSWERS)
@blueprint.arguments(NewTurnSchema)
@blueprint.response(201, TurnSchema)
def send_message(message: dict[str, Any], session_id: str) -> Response | Created[dict[str, Any]]:
    """Send a message and wait for the answer.

    The message is stored before the model is asked, the answer after it is written. This waits at most {answerSeconds}
    seconds: an answer that takes longer is cut off and reported as 504, with the text so far. A client that disconnects
    changes nothing: the answer goes on and is stored, and sending the same message again, with its `id`, waits for the
    same answer. With `Accept: text/event-stream` this is `streamMessage`.
    """
    return as_preferred(_send(message, session_id))


@blueprint.route("/<session_id>/message/stream", methods=["POST"])
@signed_in
@opens_stream
@may_fail(*TURN_ERRORS, NotInConversation("parentId"), UnknownModel, MessageIdTaken)
@blueprint.arguments(NewTurnSchema)
@blueprint.response(200, **TURN_STREAM)
def stream_message(message: dict[str, Any], session_id: str) -> Response:
    """Send a message and follow the answer as it is written.

    The message is stored before the model is asked. A client that disconnects changes nothing: the answer goes on and
    is stored.
    """
    return as_events(_send(message, session_id))


@blueprint.route("/<session_id>/regenerate", methods=["POST"])
@signed_in
@opens_stream
@may_fail(*TURN_ERRORS, MessageIdTaken, UnknownModel, NotInConversation("messageId"), *FAILED_ANSWERS)
@blueprint.arguments(RegenerationSchema)
@blueprint.response(201, TurnSchema)
def regenerate_answer(which: dict[str, Any], session_id: str) -> Response | Created[dict[str, Any]]:
    """Write another answer beside an existing one, and wait for it.

    Both stay; the new one is shown. This waits at most {answerSeconds} seconds: an answer that takes longer is cut off
    and reported as 504, with the text so far. With `Accept: text/event-stream` this is `streamRegeneratedAnswer`.
    """
    return as_preferred(_regenerate(which, session_id))


@blueprint.route("/<session_id>/regenerate/stream", methods=["POST"])
@signed_in
@opens_stream
@may_fail(*TURN_ERRORS, MessageIdTaken, UnknownModel, NotInConversation("messageId"))
@blueprint.arguments(RegenerationSchema)
@blueprint.response(200, **TURN_STREAM)
def stream_regenerated_answer(which: dict[str, Any], session_id: str) -> Response:
    """Write another answer beside an existing one, and follow it as it is written.

    Both stay; the new one is shown.
    """
    return as_events(_regenerate(which, session_id))


@blueprint.route("/<session_id>/continue", methods=["POST"])
@signed_in
@opens_stream
@may_fail(*TURN_ERRORS, MessageIdTaken, NotInConversation("messageId"), *FAILED_ANSWERS)
@blueprint.arguments(ContinuationSchema)
@blueprint.response(201, TurnSchema)
def continue_answer(which: dict[str, Any], session_id: str) -> Response | Created[dict[str, Any]]:
    """Continue an answer that was stopped, interrupted or cut off by its length, and wait for the rest.

    The longer answer stands beside the first, and begins with exactly its text. This waits at most {answerSeconds}
    seconds: an answer that takes longer is cut off and reported as 504, with the text so far. With
    `Accept: text/event-stream` this is `streamContinuedAnswer`.
    """
    return as_preferred(_continue(which, session_id))


@blueprint.route("/<session_id>/continue/stream", methods=["POST"])
@signed_in
@opens_stream
@may_fail(*TURN_ERRORS, MessageIdTaken, NotInConversation("messageId"))
@blueprint.arguments(ContinuationSchema)
@blueprint.response(200, **TURN_STREAM)
def stream_continued_answer(which: dict[str, Any], session_id: str) -> Response:
    """Continue an answer that was cut off, and follow it as it is written.

    The first `delta` is the text that is there already.
    """
    return as_events(_continue(which, session_id))


@blueprint.route("/<session_id>/stop", methods=["POST"])
@signed_in
@may_fail(*SESSION_ERRORS)
@blueprint.response(204)
def stop_answer(session_id: str) -> None:
    """Stop the answer being written, from any session of the conversation.

    What was written stays, as `stopped`. Nothing happens where no answer is being written.
    """
    container().chat.stop(current_user_id(), session_id)


@blueprint.route("/<session_id>/stream", methods=["GET"])
@signed_in
@opens_stream
@may_fail(*SESSION_ERRORS)
@blueprint.arguments(JoinArgs, location="query")
@blueprint.arguments(LastEventId, location="headers")
@blueprint.response(200, **TURN_STREAM)
@blueprint.alt_response(204, description="No answer is being written.")
def join_answer(where: dict[str, Any], headers: dict[str, Any], session_id: str) -> Response:
    """Join the answer being written.

    It is sent from its beginning, or from the place that `Last-Event-ID` (or `after`) names. A client that also names
    the answer, with `messageId`, gets any other answer from its `start`.
    """
    place = _place(headers.get("last_event_id", ""), where.get("after"))
    reasoned = where.get("reasoning_after", 0)
    events = container().chat.listen(current_user_id(), session_id, place, where.get("message_id"), reasoned)
    return Response(status=204) if events is None else stream(at_once(lines_of(events)))


@blueprint.route("/<session_id>/history", methods=["GET"])
@signed_in
@may_fail(*SESSION_ERRORS, InvalidCursor)
@blueprint.arguments(MessagePageArgs, location="query")
@blueprint.response(200, MessagePageSchema)
def get_history(page: dict[str, Any], session_id: str) -> Page[Message]:
    """Read the messages of the conversation's shown branch.

    The newest page comes first; within a page the oldest message comes first.
    """
    return container().chat.history(current_user_id(), session_id, **page)


def _send(message: dict[str, Any], session_id: str) -> Turn:
    return container().chat.send(current_user_id(), session_id, NewMessage(**message))


def _regenerate(which: dict[str, Any], session_id: str) -> Turn:
    wanted = AnotherAnswer(which.pop("message_id"), **which)
    return container().chat.regenerate(current_user_id(), session_id, wanted)


def _continue(which: dict[str, Any], session_id: str) -> Turn:
    return _regenerate({**which, "goes_on": True}, session_id)


def _place(last_event_id: str, after: int | None) -> int | None:
    """Where to go on, in UTF-16 code units. An event id that this server did not send counts as none."""
    if last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= 15:
        return int(last_event_id)
    return after
