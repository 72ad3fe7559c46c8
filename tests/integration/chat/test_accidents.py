"""Accidents by which other chat applications lose messages, branches or titles."""

from __future__ import annotations

from typing import Any

from pymongo import MongoClient

from chatapp.maintenance.check import Check
from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Person, new_id
from tests.support.chat_servers import Backends
from tests.support.fake_models import ECHO, ENDLESS, TWO_SECONDS
from tests.support.provider import FakeProvider


def test_a_follow_up_that_is_sent_before_its_parent_is_stored_leaves_no_orphan(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=ECHO)
    first, second = new_id(), new_id()

    early = chat.at(pair.there).say("And then?", id=second, parentId=first)
    assert (early.status, early.body["faults"][0]["reason"]) == (422, "not_in_conversation")
    assert alice.ask("GET", f"/api/conversations/{chat.conversation_id}/tree")["items"] == []

    asked = chat.say("What first?", id=first)
    in_time = chat.at(pair.there).say("And then?", id=second, parentId=asked.answer["id"])
    assert [one["id"] for one in chat.history()] == [first, asked.answer["id"], second, in_time.answer["id"]]


def test_deleting_while_an_answer_is_written_leaves_no_orphan(
    alice: Person, pair: Pair, backends: Backends, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    chat = alice.start(model=ENDLESS)
    with chat.stream("Go on for ever") as stream:
        stream.until_text(20)
        chat.at(pair.there).delete_for_good()
        stream.rest()

    database = mongo_client[backends.database]
    assert Check(database, print).run().found == 0
    for name in database.list_collection_names(filter={"type": "collection"}):
        if not name.startswith("system."):
            assert not [one for one in database[name].find() if "Go on for ever" in str(one)], name


def test_what_is_sent_right_after_stop_has_the_stopped_answer_as_its_context(
    alice: Person, pair: Pair, provider: FakeProvider
) -> None:
    chat = alice.start(model=ENDLESS)
    with chat.stream("Count") as stream:
        stream.until_text(20)
        chat.at(pair.there).stop()
        reply = chat.at(pair.there).say("Thank you", model=ECHO)
        stopped = stream.rest().answer

    assert reply.question["parentId"] == stopped["id"]
    said = [(one["role"], one["content"].strip()) for one in provider.calls[-1]["messages"]]
    assert said == [("user", "Count"), ("assistant", stopped["content"].strip()), ("user", "Thank you")]


def test_a_title_that_is_given_during_an_answer_stays_when_it_ends(backends: Backends, provider: FakeProvider) -> None:
    with backends.server({"CHATAPP_TITLES": "model"}) as server:
        chat = Person.register(server.base_url).start(model=TWO_SECONDS)
        before = provider.total
        with chat.stream("What is tea?") as stream:
            stream.until_text(5)
            chat.person.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"title": "Mine"})
            stream.rest()
        provider.wait_until(lambda state: state["total"] > before + 1 and TWO_SECONDS not in state["running"])

    with backends.server() as server:
        assert chat.at(server.base_url).header()["title"] == "Mine"


def test_a_conversation_that_is_read_from_its_last_leaf_keeps_all_of_its_branches(alice: Person) -> None:
    chat = alice.start(model=ECHO)
    path = f"/api/conversations/{chat.conversation_id}"
    first = chat.say("one")
    leaves = [first, chat.say("two"), chat.say("three", editOf=first.question["id"])]
    leaves.append(chat.say("four", parentId=leaves[0].answer["id"]))
    tree = alice.ask("GET", f"{path}/tree")["items"]
    assert len(tree) == 8

    for leaf in leaves[1:]:
        alice.ask("PATCH", path, {"activeMessageId": leaf.answer["id"]})
        shown = chat.history()
        assert shown[-1]["id"] == leaf.answer["id"]
        assert len(shown[0]["siblingIds"]) == 2
        assert {one["id"] for one in alice.ask("GET", f"{path}/tree")["items"]} == {one["id"] for one in tree}
