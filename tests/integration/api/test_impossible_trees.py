"""What no tree can hold is refused with its reason, and nothing is stored."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from bson import ObjectId
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp.repositories.documents import Document
from tests.support.answers import body

CONVERSATIONS = "/api/conversations/"
NEW = str(uuid.uuid4())


@dataclass(frozen=True)
class Chat:
    """A conversation with a question and its answer."""

    conversation: str
    session: str
    question: str
    answer: str


def begin(client: FlaskClient, database: Database[Document]) -> Chat:
    session = body(client.post("/api/chat/start"))
    id_ = session["conversationId"]
    said = body(client.post(f"{CONVERSATIONS}{id_}/messages", json={"content": "Why?"}))["id"]
    answer = {"role": "assistant", "content": "So.", "model": "m", "finishReason": "stop", "status": "complete"}
    document = {"id": str(uuid.uuid4()), "parentId": said, "createdAt": ObjectId().generation_time, **answer}
    update: Document = {"$push": {"messages": document}, "$set": {"activeMessageId": document["id"]}}
    update["$inc"] = {"messageCount": 1, "windowBytes": 3}
    database["conversations"].update_one({"_id": ObjectId(id_)}, update)
    return Chat(id_, session["sessionId"], said, str(document["id"]))


MESSAGES, ITSELF, FORK = "/api/conversations/{conversation}/messages", CONVERSATIONS + "{conversation}", "/fork"
EDIT_OF_ANSWER = {"role": "assistant", "content": "Thus."}


@pytest.mark.parametrize(
    ("method", "path", "sent", "field", "reason"),
    [
        ("POST", MESSAGES, {"content": "x", "parentId": NEW}, "parentId", "not_in_conversation"),
        ("POST", MESSAGES, {"content": "x", "parentId": "{other.question}"}, "parentId", "not_in_conversation"),
        ("POST", MESSAGES, {"content": "x", "parentId": "{bobs.question}"}, "parentId", "not_in_conversation"),
        ("POST", MESSAGES, {"content": "x", "id": NEW, "parentId": NEW}, "parentId", "not_in_conversation"),
        ("POST", MESSAGES, {"content": "x", "id": NEW, "editOf": NEW}, "editOf", "not_in_conversation"),
        ("POST", MESSAGES, {"content": "x", "editOf": "{bobs.question}"}, "editOf", "not_in_conversation"),
        ("POST", MESSAGES, {**EDIT_OF_ANSWER, "editOf": "{other.answer}"}, "editOf", "not_in_conversation"),
        ("POST", MESSAGES, {**EDIT_OF_ANSWER, "editOf": "{question}"}, "editOf", "other_role"),
        ("POST", MESSAGES, {"content": "x", "editOf": "{answer}"}, "editOf", "other_role"),
        ("POST", MESSAGES, {"content": "Why?", "editOf": "{question}"}, "content", "unchanged"),
        ("POST", MESSAGES, {**EDIT_OF_ANSWER, "content": "So.", "editOf": "{answer}"}, "content", "unchanged"),
        ("PATCH", ITSELF, {"activeMessageId": NEW}, "activeMessageId", "not_in_conversation"),
        ("PATCH", ITSELF, {"activeMessageId": "{bobs.answer}"}, "activeMessageId", "not_in_conversation"),
        ("POST", ITSELF + FORK, {"messageId": "{bobs.answer}"}, "messageId", "not_in_conversation"),
        ("POST", "/api/chat/{session}/message", {"content": "x", "parentId": NEW}, "parentId", "not_in_conversation"),
        ("POST", "/api/chat/{session}/message", {"content": "Why?", "editOf": "{question}"}, "content", "unchanged"),
        ("POST", "/api/chat/{session}/regenerate", {"messageId": "{bobs.answer}"}, "messageId", "not_in_conversation"),
        ("POST", "/api/chat/{session}/regenerate", {"messageId": "{question}"}, "messageId", "not_an_answer"),
        ("POST", "/api/chat/{session}/continue", {"messageId": "{other.answer}"}, "messageId", "not_in_conversation"),
        ("POST", "/api/chat/{session}/continue", {"messageId": "{answer}"}, "messageId", "not_cut_off"),
    ],
)
def test_it_is_refused_with_its_reason_and_nothing_is_stored(
    alice: FlaskClient,
    bob: FlaskClient,
    database: Database[Document],
    method: str,
    path: str,
    sent: dict[str, Any],
    field: str,
    reason: str,
) -> None:
    chat, other, bobs = begin(alice, database), begin(alice, database), begin(bob, database)
    names = {**vars(chat), "other": other, "bobs": bobs}
    before = list(database["conversations"].find())

    refused = alice.open(
        path.format(**names), method=method, json={name: value.format(**names) for name, value in sent.items()}
    )

    assert refused.status_code == 422, refused.text
    assert [(fault["field"], fault["reason"]) for fault in body(refused)["faults"]] == [(field, reason)]
    assert list(database["conversations"].find()) == before
