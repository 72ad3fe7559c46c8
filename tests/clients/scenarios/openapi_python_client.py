"""openapi-python-client makes a package: a function for each operation, a class for each schema, on httpx."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Iterator
from typing import Any, TypeVar

from generated.python.api.accounts import register
from generated.python.api.chat import send_message, start_chat, stop_answer
from generated.python.api.conversations import get_conversation, list_messages, update_conversation
from generated.python.client import AuthenticatedClient
from generated.python.models.chat_session import ChatSession
from generated.python.models.chat_start import ChatStart
from generated.python.models.conversation import Conversation
from generated.python.models.conversation_update import ConversationUpdate
from generated.python.models.delta_data import DeltaData
from generated.python.models.end_data import EndData
from generated.python.models.fault_reason import FaultReason
from generated.python.models.invalid_input_problem import InvalidInputProblem
from generated.python.models.message_page import MessagePage
from generated.python.models.new_turn import NewTurn
from generated.python.models.problem import Problem
from generated.python.models.reason import Reason
from generated.python.models.registration import Registration
from generated.python.models.start_data import StartData
from generated.python.models.turn import Turn
from generated.python.models.turn_in_progress_problem import TurnInProgressProblem
from generated.python.models.user import User
from generated.python.types import UNSET

Kind = TypeVar("Kind")

# It knows no credential but a header. The cookie is kept by the httpx client below; the token is not looked at.
client = AuthenticatedClient(base_url=os.environ["SERVER"], token="unused")


def must(answer: object, kind: type[Kind]) -> Kind:
    assert isinstance(answer, kind), answer
    return answer


def events(session_id: str, content: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The generated function waits for the whole stream, so this uses httpx; the types fit."""
    path = f"/api/chat/{session_id}/message/stream"
    with client.get_httpx_client().stream("POST", path, json=NewTurn(content=content).to_dict()) as answer:
        name = ""
        for line in answer.iter_lines():
            field, _, value = line.partition(": ")
            if field == "event":
                name = value
            if field == "data":
                yield name, json.loads(value)


email = f"python-{uuid.uuid4()}@example.org"
must(register.sync(client=client, body=Registration(email, "correct horse battery staple")), User)
chat = must(start_chat.sync(client=client, body=ChatStart()), ChatSession)
turn = must(send_message.sync(chat.session_id, client=client, body=NewTurn("One")), Turn)

streamed, ended = "", ""
for event, data in events(chat.session_id, "Two"):
    if event == "delta":
        streamed += DeltaData.from_dict(data).text
    if event == "end":
        ended = EndData.from_dict(data).assistant_message.content
assert streamed
assert streamed == ended

paged: list[str] = []
cursor = None
while True:
    page = must(
        list_messages.sync(chat.conversation_id, client=client, limit=1, cursor=UNSET if cursor is None else cursor),
        MessagePage,
    )
    paged = [message.content for message in page.items] + paged
    cursor = page.next_cursor
    if cursor is None:
        break
assert paged == ["One", turn.assistant_message.content, "Two", streamed]

read = get_conversation.sync_detailed(chat.conversation_id, client=client)
tags = [*must(read.parsed, Conversation).tags, "generated"]
for expected in (Conversation, Problem):
    changed = update_conversation.sync(
        chat.conversation_id, client=client, body=ConversationUpdate(tags=tags), if_match=read.headers["ETag"]
    )
    assert isinstance(changed, expected), changed
    if isinstance(changed, Problem):
        assert changed.reason is Reason.PRECONDITION_FAILED

slow = must(start_chat.sync(client=client, body=ChatStart(model=os.environ["SLOW_MODEL"])), ChatSession)
running = events(slow.session_id, "Slowly")
_, begun = next(running)
refused = must(
    send_message.sync(slow.session_id, client=client, body=NewTurn("At the same time")), TurnInProgressProblem
)
assert refused.message_id == StartData.from_dict(begun).assistant_message.id
stop_answer.sync_detailed(slow.session_id, client=client)
list(running)

blank = must(send_message.sync(chat.session_id, client=client, body=NewTurn(" ")), InvalidInputProblem)
assert [(fault.field, fault.reason) for fault in blank.faults] == [("content", FaultReason.BLANK)]
