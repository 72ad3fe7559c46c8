"""What changes in one's conversations, projects and tags, on any device, as Server-Sent Events."""

from collections.abc import Iterator
from typing import Any

from flask import Response

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.events import LastEventId, ShownUser, event_example, stream_of
from chatapp.api.schemas.examples import ANSWER_ID, CONVERSATION_ID, PROJECT_ID
from chatapp.api.sign_in import current_user_id, opens_stream, refuse_other_user, signed_in
from chatapp.api.sse import HEARTBEAT, at_once, event, stream
from chatapp.container import container
from chatapp.errors import Busy
from chatapp.models.change_models import Change
from chatapp.services.feed import FeedItem, Ready

blueprint = ApiBlueprint("events", __name__, url_prefix="/api/events", description="What changes, as it changes")

_DESCRIPTION = """\
Server-Sent Events, each with one line of JSON as its data: `conversation.created`, `conversation.updated` (with
`fields`), `conversation.deleted`, `message.created`, `generation.started` (both with `messageId`) and
`generation.ended` (with `messageId` and `status`), all with `conversationId`. `project.created`, `project.updated` and
`project.deleted` have a `projectId`, and `tag.updated` has the `name` that the tag had before.

`ready` comes first where there is nothing to catch up with. With `lost: true`, at any time, some changes could not be
told, and lists should be read again. `Last-Event-ID` goes on where a connection broke off; some events may come twice.
The stream of a device that is signed out ends within five seconds.
"""
_ENDED = {"conversationId": CONVERSATION_ID, "messageId": ANSWER_ID, "status": "complete"}
_EXAMPLES = {
    "ready": event_example("ready", {"lost": False}, id="8266"),
    "generation.ended": event_example("generation.ended", _ENDED, id="8267"),
    "project.updated": event_example("project.updated", {"projectId": PROJECT_ID}, id="8268"),
    "tag.updated": event_example("tag.updated", {"name": "physics"}, id="8269"),
}


@blueprint.route("", methods=["GET"])
@signed_in
@opens_stream
@may_fail(Busy)
@blueprint.arguments(ShownUser, location="query")
@blueprint.arguments(LastEventId, location="headers")
@blueprint.response(
    200, stream_of("ChangeEvent"), description=_DESCRIPTION, examples=_EXAMPLES, content_type="text/event-stream"
)
def stream_changes(shown: dict[str, Any], headers: dict[str, Any]) -> Response:
    """Listen to what changes in your conversations, projects and tags.

    Whatever the device, and also while an answer is being written.
    """
    refuse_other_user(shown.get("user"))
    last_event_id = headers.get("last_event_id") or None
    lines = _lines(container().feed.listen(current_user_id(), last_event_id))
    return stream(lines if last_event_id is None else at_once(lines))


def _lines(items: Iterator[FeedItem]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Change):
            yield from _change_lines(item)
        elif isinstance(item, Ready):
            yield event("ready", {"lost": item.lost}, item.token)
        else:
            yield HEARTBEAT


def _change_lines(change: Change) -> Iterator[str]:
    """Only the last event of an update has the id: a listener who missed a part of it is told all of it again."""
    last = len(change.events) - 1
    for number, happened in enumerate(change.events):
        data = {name: value for name, value in happened.items() if name != "type"}
        id_ = change.token if number == last else None
        yield event(str(happened["type"]), data, id_)
