"""What is new to the owner of a conversation, and where they stopped reading, on any device."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Json, Person, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import FOUR_SECONDS, QUICK


def read(chat: Chat, message_id: str) -> Json:
    return chat.person.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"readMessageId": message_id})


def test_an_answer_is_unread_until_its_owner_has_come_to_it(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=QUICK)
    first = chat.say("Hi")
    assert chat.header()["unread"]

    assert read(chat, first.question["id"])["unread"], "they stopped before the answer"
    assert not read(chat, first.answer["id"])["unread"]
    assert not read(chat, first.question["id"])["unread"], "they have seen it, and scroll back"

    second = chat.say("And?")
    assert read(chat, first.answer["id"])["unread"], "a slow device has not seen the newer one"
    read(chat, second.answer["id"])
    elsewhere = alice.at(pair.there).ask("GET", f"/api/conversations/{chat.conversation_id}")
    assert (elsewhere["unread"], elsewhere["readMessageId"]) == (False, second.answer["id"])


def test_who_asks_or_stops_is_there_and_has_nothing_unread(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    chat.say("Hi")
    with chat.stream("And?", model=FOUR_SECONDS) as stream:
        stream.until_started()
        assert not chat.header()["unread"]
        chat.stop()
        stream.rest()
    assert not chat.header()["unread"]


def test_reading_is_no_activity_and_only_of_messages_that_are_there(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    answer = chat.say("Hi").answer
    used_at = chat.header()["updatedAt"]
    path = f"/api/conversations/{chat.conversation_id}"

    assert read(chat, answer["id"])["updatedAt"] == used_at
    refused = alice.ask("PATCH", path, {"readMessageId": new_id()}, expect=422)
    assert refused["faults"] == [{"field": "readMessageId", "reason": "not_in_conversation"}]
    assert chat.header()["readMessageId"] == answer["id"]


def test_a_conversation_of_an_earlier_version_goes_on(alice: Person, backends: Backends, mongodb_uri: str) -> None:
    chat = alice.start(model=QUICK)
    new: dict[str, Any] = dict.fromkeys(("projectId", "topP", "readMessageId", "unread"), "")
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client[backends.database]["conversations"].update_many({}, {"$unset": new})

    before = chat.header()
    answer = chat.say("Hi").answer

    assert (before["projectId"], before["topP"], before["readMessageId"], before["unread"]) == (None, None, None, False)
    assert chat.header()["unread"]
    assert not read(chat, answer["id"])["unread"]
