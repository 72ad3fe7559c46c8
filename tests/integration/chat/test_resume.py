"""Listening to a running answer: from any place, on any worker, with any number of listeners."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Person, Refused
from tests.support.fake_models import FOUR_SECONDS, HUGE, NORMAL, QUICK, UNICODE, words
from tests.support.provider_behaviours import UNICODE_TEXT
from tests.support.sse import AnswerStream, utf16_cut, utf16_length


def listening(chat: Chat, place: int) -> AnswerStream:
    """Goes on where a connection broke off; the answer must still be running."""
    stream = chat.listen(last_event_id=place)
    assert stream is not None
    return stream


def hop(chat: Chat, servers: list[str], seed: int) -> tuple[str, int]:
    """Listens to an answer to its end, and leaves and comes back on a random worker every now and then.

    Gives what was heard, put together, and how often the listener came back.
    """
    chance = random.Random(seed)
    text, place, hops = "", 0, 0
    while True:
        hops += 1
        stream = chat.at(chance.choice(servers)).listen(last_event_id=place or None)
        if stream is None:  # it ended while nobody listened here
            ended = next(message for message in reversed(chat.history()) if message["role"] == "assistant")
            return text + ended["content"][len(text) :], hops
        pieces = chance.randint(1, 4)
        with stream:
            for event in stream:
                stream.heard.take(event)
                pieces -= event.name == "delta"
                if not pieces:
                    break
        text, place = text + stream.heard.text, stream.heard.place
        if stream.heard.ended is not None:
            return text, hops


def test_listeners_who_come_and_go_on_any_worker_hear_the_answer_to_the_character(
    alice: Person, pair: Pair, threads: ThreadPoolExecutor
) -> None:
    chat = alice.start(model=UNICODE)
    with chat.stream("Hi") as stream:
        stream.until_started()
        servers = [pair.here, pair.there]
        hopping = [threads.submit(hop, chat, servers, seed) for seed in range(8)]
        heard = stream.rest()
        told = [one.result() for one in hopping]
    assert heard.answer["content"] == UNICODE_TEXT * 60
    assert heard.text == heard.answer["content"]
    assert [text for text, _ in told] == [heard.answer["content"]] * 8
    assert sum(hops for _, hops in told) > 16


@pytest.mark.parametrize("way", ["last_event_id", "after"])
def test_a_listener_goes_on_at_exactly_its_place(alice: Person, pair: Pair, way: str) -> None:
    chat = alice.start(model=UNICODE)
    with chat.stream("Hi") as stream:
        place = stream.until_text(300).place
        before = stream.heard.text
    there = chat.at(pair.there)
    resumed = there.listen(after=place) if way == "after" else there.listen(last_event_id=place)
    assert resumed is not None
    with resumed:
        heard = resumed.rest()
    assert heard.started is None
    assert before + heard.text == heard.answer["content"] == chat.history()[-1]["content"]


def test_last_event_id_counts_for_more_than_the_query(alice: Person) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    with chat.stream("Hi") as stream:
        place = stream.until_text(60).place
        resumed = chat.listen(after=3, last_event_id=place)
        assert resumed is not None
        with resumed:
            assert utf16_cut(stream.rest().text, place) + resumed.rest().text == words(50)


def test_a_place_in_an_answer_that_has_ended_says_nothing_about_the_next(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=QUICK)
    ended = chat.say("Hi").answer
    alice.ask("PATCH", f"/api/conversations/{chat.conversation_id}", {"model": FOUR_SECONDS})
    with chat.stream("And now?") as stream:
        stream.until_text(60)
        joined = chat.at(pair.there).listen(after=40, message_id=ended["id"])
        assert joined is not None
        with joined:
            heard = joined.rest()
        assert heard.started is not None
        assert heard.started["assistantMessage"]["id"] == stream.heard.answer_id
        assert heard.text == stream.rest().text


@pytest.mark.parametrize("nonsense", ["-1", "1e3", "٣", "9" * 16, "tok"])
def test_an_id_that_is_no_place_begins_at_the_beginning(alice: Person, nonsense: str) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    with chat.stream("Hi") as stream:
        stream.until_text(10)
        again = chat.listen(last_event_id=nonsense.encode().decode("latin-1"))
        assert again is not None
        with again:
            heard = again.until_text(10)
    assert heard.started is not None
    assert words(50).startswith(heard.text)


def test_a_place_inside_a_character_goes_on_before_the_character(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=UNICODE)
    inside = utf16_length(UNICODE_TEXT[: UNICODE_TEXT.index("🇩")]) + 1
    with chat.stream("Hi") as stream:
        stream.until_text(60)
        resumed = chat.at(pair.there).listen(last_event_id=inside)
        assert resumed is not None
        with resumed:
            resumed.heard.place = inside - 1
            assert resumed.rest().text == stream.rest().text[UNICODE_TEXT.index("🇩") :]


def test_whoever_joins_without_a_place_hears_the_turn_from_its_beginning(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    with chat.stream("Hi") as stream:
        stream.until_text(100)
        joined = chat.at(pair.there).listen()
        assert joined is not None
        with joined:
            there = joined.rest()
        here = stream.rest()
    assert there.started is not None
    assert here.started is not None
    assert there.started["userMessage"] == here.started["userMessage"]
    assert there.answer_id == here.answer_id
    assert there.text == here.text == there.answer["content"]


def test_twenty_devices_on_both_workers_hear_the_same(alice: Person, pair: Pair, threads: ThreadPoolExecutor) -> None:
    chat = alice.start(model=UNICODE)

    def listen(number: int) -> str:
        with listening(chat.at((pair.here, pair.there)[number % 2]), 0) as stream:
            return stream.rest().text

    with chat.stream("Hi") as stream:
        stream.until_started()
        devices = [threads.submit(listen, number) for number in range(20)]
        heard = stream.rest()
        assert {device.result() for device in devices} == {heard.answer["content"]}


def test_204_where_no_answer_is_being_written(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=QUICK)
    assert chat.listen() is None
    chat.say("Hi")
    assert chat.listen(last_event_id=4) is None
    assert chat.at(pair.there).listen() is None


def test_somebody_else_cannot_listen(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=NORMAL)
    bob = Person.register(pair.there)
    with chat.stream("Hi") as stream:
        stream.until_started()
        with pytest.raises(Refused) as refused:
            Chat(bob, chat.session_id, chat.conversation_id).listen()
        assert refused.value.reply.status == 403
        stream.rest()


def test_a_listener_who_reads_slowly_slows_nobody_down_and_misses_nothing(alice: Person, pair: Pair) -> None:
    """One who does not read at all must not hold up another, on the answer's worker or on another."""
    chat = alice.start(model=HUGE)
    with chat.stream("Hi") as stream:
        stream.until_started()
        lazy = [unread(chat.at(server)) for server in (pair.here, pair.there, pair.here)]
        began = time.monotonic()
        heard = stream.rest()
        took = time.monotonic() - began
        late = [as_text(one) for one in lazy]
    assert heard.answer["status"] == "complete"
    assert utf16_length(heard.text) == heard.place == 689_000
    assert took < 25
    assert late == [heard.text] * 3


def unread(chat: Chat) -> AnswerStream:
    """An open stream with a small buffer, of which nothing is read yet."""
    connection, response = chat.person.open(
        "GET", f"/api/chat/{chat.session_id}/stream?after=0", headers={"Accept": "text/event-stream"}
    )
    assert response.status == 200
    return AnswerStream(connection, response)


def as_text(stream: AnswerStream) -> str:
    with stream:
        return stream.rest().text


def test_a_client_that_vanishes_without_a_word_leaves_nothing_behind(alice: Person, pair: Pair) -> None:
    chat = alice.start(model=FOUR_SECONDS)
    with chat.stream("Hi") as stream:
        stream.until_text(10)
        for server in (pair.here, pair.there):
            unread(chat.at(server)).close()
        assert stream.rest().answer["content"] == words(50)
