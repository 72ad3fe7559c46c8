"""A turn as a client experiences it."""

from __future__ import annotations

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Person, new_id
from tests.support.fake_models import ECHO, FOUR_SECONDS, NORMAL, QUICK, words
from tests.support.provider import FakeProvider


def test_a_message_is_answered_and_both_are_in_the_history(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    reply = chat.say("Hi")
    assert reply.status == 201
    assert reply.question["content"] == "Hi"
    assert (reply.answer["status"], reply.answer["content"]) == ("complete", words(12))
    assert reply.answer["usage"] == {"promptTokens": 11, "completionTokens": 7}
    assert chat.history() == [reply.question, reply.answer]


def test_the_answer_is_at_the_address_that_the_turn_names_also_for_one_that_joins_it(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    first = chat.say("Hi", id=new_id())
    joined = chat.say("Hi", id=first.question["id"])
    again = alice.call("POST", f"/api/chat/{chat.session_id}/regenerate", {"messageId": first.answer["id"]})

    assert alice.ask("GET", again.headers["Location"]) == again.answer
    assert joined.headers["Location"] == first.headers["Location"]
    siblings = [first.answer["id"], again.answer["id"]]
    assert alice.ask("GET", first.headers["Location"]) == {**first.answer, "siblingIds": siblings}


def test_an_answer_can_be_read_by_its_id_while_it_is_written(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    with chat.stream("Hi") as stream:
        heard = stream.until_started()
        assert heard.started is not None
        path = f"/api/conversations/{chat.conversation_id}/messages/{heard.started['assistantMessage']['id']}"
        elsewhere = alice.at(pair.there)
        seen = [elsewhere.ask("GET", path)]
        while not seen[-1]["content"] or seen[-1]["content"] == seen[0]["content"]:
            seen.append(elsewhere.ask("GET", path))
        stream.rest()

    assert {each["status"] for each in seen} == {"streaming"}
    assert heard.answer["content"].startswith(seen[-1]["content"])
    assert elsewhere.ask("GET", path) == heard.answer


def test_a_stream_tells_start_text_and_end_in_this_order(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=NORMAL)
    with chat.stream("Why is the sky blue?") as stream:
        heard = stream.until_started()
        assert heard.started is not None
        question, answer = heard.started["userMessage"], heard.started["assistantMessage"]
        assert (answer["status"], answer["content"], answer["parentId"]) == ("streaming", "", question["id"])
        stream.rest()
    assert heard.text == heard.answer["content"] == words(50)
    assert heard.answer["id"] == answer["id"]
    assert heard.titles == ["Why is the sky blue?"]
    assert chat.at(pair.there).history() == [question, heard.answer]


def test_what_start_says_is_stored_when_it_is_said(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    with chat.stream("Hi") as stream:
        heard = stream.until_started()
        question, running = chat.at(pair.there).history()
        generation = chat.at(pair.there).header()["generation"]
        stream.rest()
    assert heard.started is not None
    assert question == heard.started["userMessage"]
    assert (running["id"], running["status"]) == (heard.answer_id, "streaming")
    assert generation["messageId"] == heard.answer_id


def test_the_model_reads_the_conversation_so_far(alice: Person, provider: FakeProvider) -> None:
    chat = alice.start(model=ECHO, systemPrompt="Be brief.")
    for content in ("one", "two"):
        assert chat.say(content).answer["content"] == content
    assert [(message["role"], message["content"]) for message in provider.calls[-1]["messages"]] == [
        ("system", "Be brief."),
        ("user", "one"),
        ("assistant", "one"),
        ("user", "two"),
    ]


def test_a_conversation_longer_than_a_window_goes_on_as_a_short_one_does(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=QUICK)
    here, there = chat, chat.at(pair.there)
    said = []
    for number in range(75):
        turn = (here, there)[number % 2].say(f"message {number}", id=new_id())
        said += [turn.question, turn.answer]
    assert here.history(limit=7) == there.history(limit=200) == said


def test_another_answer_stands_beside_the_first(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    first = chat.say("Hi").answer
    with chat.regenerate(first["id"]) as stream:
        second = stream.rest()
    assert second.started is not None
    assert second.started["userMessage"] is None
    assert second.answer["siblingIds"] == [first["id"], second.answer["id"]]
    assert chat.history()[1] == second.answer
