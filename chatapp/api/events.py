"""What changes in one's conversations, on any device, as Server-Sent Events."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from flask import Response, request

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.chat_docs import LAST_EVENT_ID
from chatapp.api.openapi import may_fail
from chatapp.api.sign_in import current_sign_in, signed_in
from chatapp.api.sse import HEARTBEAT, at_once, event, stream
from chatapp.container import container
from chatapp.errors import Busy, StoreUnavailable
from chatapp.models.change_models import Change
from chatapp.services.feed import FeedItem, Ready

blueprint = ApiBlueprint("events", __name__, url_prefix="/api/events", description="What changes, as it changes")

LOOKS_EVERY = 10.0
"""Seconds after which a stream that is still open asks whether its device is still signed in."""

_DESCRIPTION = """\
Server-Sent Events, each with one line of JSON as its data: `conversation.created`, `conversation.updated` (with
`fields`), `conversation.deleted`, `message.created`, `generation.started` (both with `messageId`) and
`generation.ended` (with `messageId` and `status`), all with `conversationId`.

`ready` comes first where there is nothing to catch up with; with `lost: true`, at any time, some changes could not be
told, and lists are to be read again. `Last-Event-ID` goes on where a connection broke off; some events may come twice.
The stream of a device that is signed out ends within seconds.
"""
_EXAMPLE = (
    'event: generation.ended\nid: 8267\ndata: {"conversationId":"66f1c0ffee15c0ffee15c0de",'
    '"messageId":"0b9f7f0a-5d0c-4a5e-9a0e-3f6f2d7a1c11","status":"complete"}\n\n'
)


@blueprint.route("", methods=["GET"])
@signed_in
@blueprint.doc(parameters=[LAST_EVENT_ID])
@may_fail(Busy, StoreUnavailable)
@blueprint.response(
    200, {"type": "string"}, description=_DESCRIPTION, example=_EXAMPLE, content_type="text/event-stream"
)
def listen() -> Response:
    """Listen to what changes in your conversations, whoever changes it and wherever."""
    last_event_id = request.headers.get("Last-Event-ID") or None
    accounts, sign_in = container().accounts, current_sign_in()
    changes = container().feed.listen(sign_in.user_id, last_event_id)
    lines = _lines(_while_signed_in(changes, lambda: accounts.is_signed_in(sign_in)))
    return stream(lines if last_event_id is None else at_once(lines))


def _while_signed_in(items: Iterator[FeedItem], is_signed_in: Callable[[], bool]) -> Iterator[FeedItem]:
    """A device that was signed out hears no more; its next connection is refused."""
    looked_at = time.monotonic()
    for item in items:
        if time.monotonic() - looked_at >= LOOKS_EVERY:
            if not is_signed_in():
                return
            looked_at = time.monotonic()
        yield item


def _lines(items: Iterator[FeedItem]) -> Iterator[str]:
    for item in items:
        if isinstance(item, Change):
            yield from _change_lines(item)
        elif isinstance(item, Ready):
            yield event("ready", {"lost": item.lost}, item.token)
        else:
            yield HEARTBEAT


def _change_lines(change: Change) -> Iterator[str]:
    """The id stands on an update's last event: a listener who missed a part of it is told all of it again."""
    last = len(change.events) - 1
    for number, happened in enumerate(change.events):
        data = {name: value for name, value in happened.items() if name != "type"}
        id_ = change.token if number == last else None
        yield event(str(happened["type"]), {"conversationId": change.conversation_id, **data}, id_)
