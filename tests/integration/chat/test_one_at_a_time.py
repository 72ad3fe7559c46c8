"""One answer at a time in a conversation, and one turn for one message, however often it is sent."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Json, Person, Refused, Reply, new_id
from tests.support.fake_models import ENDLESS, FOUR_SECONDS, NORMAL, QUICK, words
from tests.support.provider import FakeProvider


def contents(chat: Chat) -> list[str]:
    return [message["content"] for message in chat.history() if message["role"] == "user"]


@pytest.fixture
def running(alice: Person) -> Chat:
    """A conversation in which an answer is being written; ``stop`` ends it."""
    chat = alice.start(model=ENDLESS)
    with chat.stream("first") as stream:
        stream.until_text(20)
    return chat


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_second_tab_gets_409_with_the_running_answer_and_stores_nothing(
    running: Chat, pair: Pair, provider: FakeProvider, where: str
) -> None:
    asked = provider.total
    tab = running.another_session().at(getattr(pair, where))
    reply = tab.say("second")
    assert reply.status == reply.body["code"] == 409
    assert reply.body["messageId"] == running.header()["generation"]["messageId"]
    with pytest.raises(Refused) as refused:
        tab.stream("third")
    assert refused.value.reply.status == 409
    assert contents(running) == ["first"]
    assert running.header()["messageCount"] == 1
    assert provider.total == asked
    running.stop()


def test_nothing_else_can_be_written_to_the_conversation_meanwhile(running: Chat, pair: Pair) -> None:
    path = f"/api/conversations/{running.conversation_id}"
    question = running.history()[0]["id"]
    person = running.at(pair.there).person
    saved = person.call("POST", f"{path}/messages", {"content": "saved"})
    shown = person.call("PATCH", path, {"activeMessageId": question})
    assert [saved.status, shown.status] == [409, 409]
    assert saved.body["messageId"] == running.header()["generation"]["messageId"]
    running.stop()
    answer = running.history()[-1]
    assert contents(running) == ["first"]
    with running.regenerate(answer["id"]) as stream:
        stream.until_started()
        with pytest.raises(Refused) as refused:
            running.at(pair.there).regenerate(answer["id"])
        assert refused.value.reply.body["messageId"] == stream.heard.answer_id
        running.stop()


def test_two_tabs_that_send_at_once_store_each_turn_once(
    alice: Person, pair: Pair, threads: ThreadPoolExecutor
) -> None:
    chat = alice.start(model=QUICK)
    won: list[Json] = []
    refused = 0
    for number in range(20):
        together = Barrier(2)

        def send(server: str, name: str, together: Barrier = together) -> Reply:
            together.wait()
            return chat.at(server).say(name)

        tabs = [threads.submit(send, server, f"{number} {server}") for server in (pair.here, pair.there)]
        for reply in (tab.result() for tab in tabs):
            assert reply.status in {201, 409}
            if reply.status == 201:
                won += [reply.question, reply.answer]
            else:
                refused += 1
    history = chat.history()
    assert {message["id"] for message in history} == {message["id"] for message in won}
    assert len(history) == len(won) == 2 * (40 - refused)
    assert [message["role"] for message in history] == ["user", "assistant"] * (len(history) // 2)
    assert refused >= 10


def test_the_same_message_from_both_workers_at_once_is_one_message_and_one_call(
    alice: Person, pair: Pair, provider: FakeProvider, threads: ThreadPoolExecutor
) -> None:
    chat = alice.start(model=NORMAL)
    for _ in range(3):
        asked, id_ = provider.total, new_id()
        before = len(chat.history())
        servers = [pair.here, pair.there] * 4
        sent = [threads.submit(chat.at(server).say, "Hi", id=id_) for server in servers]
        replies = [one.result() for one in sent]
        assert [reply.status for reply in replies] == [201] * 8
        assert all(reply.body == replies[0].body for reply in replies)
        assert chat.history()[before:] == [replies[0].question, replies[0].answer]
        assert replies[0].question["id"] == id_
        assert provider.total == asked + 1


def test_the_same_message_sent_later_is_answered_from_what_is_stored(
    alice: Person, pair: Pair, provider: FakeProvider
) -> None:
    chat, id_ = alice.start(model=QUICK), new_id()
    first = chat.say("Hi", id=id_)
    for number in range(60):  # until the turn has long left the newest messages
        chat.say(f"later {number}")
    asked, history = provider.total, chat.history()
    assert chat.at(pair.there).say("Hi", id=id_).body == first.body
    with chat.stream("Hi", id=id_, parentId=None) as stream:
        heard = stream.rest()
    assert heard.started is not None
    assert heard.started["userMessage"] == first.question
    assert heard.answer == first.answer
    assert heard.text == words(12)
    assert provider.total == asked
    assert chat.history() == history


def test_sending_again_while_it_is_answered_joins_the_answer_from_its_beginning(
    alice: Person, pair: Pair, provider: FakeProvider
) -> None:
    chat, id_ = alice.start(model=FOUR_SECONDS), new_id()
    asked = provider.total
    with chat.stream("Hi", id=id_) as first:
        first.until_text(100)
        with chat.at(pair.there).stream("Hi", id=id_) as second:
            joined = second.rest()
        heard = first.rest()
    assert joined.started == heard.started
    assert joined.text == heard.text == words(50)
    assert joined.answer == heard.answer
    assert provider.total == asked + 1


@pytest.mark.parametrize("while_", ["it is answered", "later"])
def test_an_id_with_other_content_or_another_parent_is_409(alice: Person, pair: Pair, while_: str) -> None:
    chat, id_ = alice.start(model=QUICK if while_ == "later" else NORMAL), new_id()
    root = chat.say("root").answer["id"]
    with chat.stream("Hi", id=id_, parentId=root) as stream:
        if while_ == "later":
            stream.rest()
        else:
            stream.until_started()
        other = chat.at(pair.there)
        assert [
            other.say("Ho", id=id_).status,
            other.say("Hi", id=id_, parentId=None).status,
            other.say("Hi", id=id_, parentId=id_).status,
        ] == [409, 409, 409]
        heard = stream.rest()
    assert other.say("Hi", id=id_, parentId=root).answer == heard.answer
    assert contents(chat) == ["root", "Hi"]


def test_a_message_that_was_only_saved_is_answered_when_it_is_sent(alice: Person, pair: Pair) -> None:
    chat, id_ = alice.start(model=QUICK), new_id()
    path = f"/api/conversations/{chat.conversation_id}/messages"
    saved = alice.ask("POST", path, {"content": "Hi", "id": id_}, expect=201)
    reply = chat.at(pair.there).say("Hi", id=id_)
    assert reply.question == saved
    assert chat.history() == [saved, reply.answer]


def test_a_saved_message_that_another_follows_is_answered_too(alice: Person) -> None:
    chat, first, second = alice.start(model=QUICK), new_id(), new_id()
    path = f"/api/conversations/{chat.conversation_id}/messages"
    alice.ask("POST", path, {"content": "one", "id": first}, expect=201)
    alice.ask("POST", path, {"content": "two", "id": second}, expect=201)
    reply = chat.say("one", id=first)
    assert reply.status == 201
    assert (reply.answer["role"], reply.answer["parentId"]) == ("assistant", first)
    assert chat.say("one", id=first).body == reply.body


def test_a_turn_is_refused_where_its_parent_is_not_in_the_conversation(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    foreign = alice.start(model=QUICK).say("Hi").answer["id"]
    reply = chat.say("Hi", parentId=foreign)
    assert reply.status == 422
    assert "parentId" in reply.body["message"]
    assert chat.history() == []
    assert chat.header()["generation"] is None


def test_an_edited_message_stands_beside_the_first_and_leads_to_its_own_answer(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=QUICK)
    first = chat.say("Hi")
    chat.say("further")
    edited = chat.at(pair.there).say("Hello", parentId=None)
    assert chat.history() == [edited.question, edited.answer]
    assert edited.question["siblingIds"] == [first.question["id"], edited.question["id"]]
