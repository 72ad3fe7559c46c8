"""Going on with an answer that was cut off, over HTTP."""

from __future__ import annotations

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Person, new_id
from tests.support.fake_models import ENDLESS, QUICK, TWO_SECONDS, words


def stopped(chat: Chat) -> dict[str, object]:
    """An answer that was stopped after some words."""
    with chat.stream("Count.") as stream:
        stream.until_text(20)
        chat.stop()
        return stream.rest().answer


def test_the_longer_answer_streams_from_its_beginning_and_stands_beside_the_first(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=TWO_SECONDS)
    first = stopped(chat)
    with chat.go_on(str(first["id"])) as stream:
        heard = stream.rest()
    answer = heard.answer
    assert heard.text == answer["content"] == words(100)
    assert str(answer["content"]).startswith(str(first["content"]))
    assert answer["continues"] == first["id"]
    assert chat.at(pair.there).history()[1]["siblingIds"] == [first["id"], answer["id"]]


def test_as_json_it_comes_whole_and_the_same_id_asks_once(alice: Person) -> None:
    chat = alice.start(model=TWO_SECONDS)
    first = stopped(chat)
    path, body = f"/api/chat/{chat.session_id}/continue", {"messageId": first["id"], "id": new_id()}
    reply = chat.person.call("POST", path, body)
    assert (reply.status, reply.answer["id"]) == (201, body["id"])
    assert chat.person.call("POST", path, body).answer == reply.answer
    assert len(reply.answer["siblingIds"]) == 2


def test_a_complete_answer_or_a_question_is_refused_with_its_reason(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    turn = chat.say("Hi")
    for message, reason in ((turn.answer, "not_cut_off"), (turn.question, "not_an_answer")):
        reply = chat.person.call("POST", f"/api/chat/{chat.session_id}/continue", {"messageId": message["id"]})
        assert reply.status == 422
        assert reply.body["faults"] == [{"field": "messageId", "reason": reason}]
    assert chat.header()["messageCount"] == 2


def test_a_turn_names_a_model_of_its_own(alice: Person) -> None:
    chat = alice.start(model=ENDLESS)
    reply = chat.say("Hi", model=QUICK)
    assert (reply.answer["model"], reply.answer["content"]) == (QUICK, words(12))
    assert chat.header()["model"] == ENDLESS
    refused = chat.say("Hi", model="no such model")
    assert (refused.status, refused.body["faults"]) == (422, [{"field": "model", "reason": "unknown_model"}])


def test_an_answer_edited_by_hand_stands_beside_the_models_and_is_what_the_next_turn_follows(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    turn = chat.say("Hi")
    path = f"/api/conversations/{chat.conversation_id}/messages"
    body = {"role": "assistant", "editOf": turn.answer["id"], "content": "Hello.", "id": new_id()}
    edited = chat.person.ask("POST", path, body, expect=201)
    assert (edited["role"], edited["editOf"], edited["model"]) == ("assistant", turn.answer["id"], QUICK)
    assert edited["siblingIds"] == [turn.answer["id"], edited["id"]]
    assert chat.person.ask("POST", path, body, expect=201) == edited
    assert chat.say("And?").question["parentId"] == edited["id"]
    refused = chat.person.call("POST", path, {"role": "assistant", "content": "Hello."})
    assert (refused.status, refused.body["faults"]) == (422, [{"field": "editOf", "reason": "required"}])
