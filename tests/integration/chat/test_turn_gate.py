"""Many turns at once: who takes the room to begin one, and who does not."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Person
from tests.support.chat_servers import Backends
from tests.support.fake_models import NORMAL, QUICK, words

AT_ONCE = 4
"""Turns that a worker begins at a time."""


def test_who_sends_slowly_keeps_nobody_else_waiting(alice: Person) -> None:
    slow, quick = alice.start(model=QUICK), alice.start(model=QUICK)
    with ExitStack() as connections:
        for _ in range(2 * AT_ONCE):
            connections.enter_context(_half_sent(slow))
        assert quick.say("Hi").status == 201
    assert slow.history() == []


def test_a_body_that_cannot_be_read_is_refused_as_everywhere(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    with _half_sent(chat, "Transfer-Encoding: chunked", "no length\r\n") as connection:
        assert connection.recv(12) == b"HTTP/1.1 400"
    with _half_sent(chat, "Transfer-Encoding: chunked", "5\r\n") as connection:
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(12) == b"HTTP/1.1 400"
    with _half_sent(chat, "Content-Length: 1000000000", "") as connection:
        assert connection.recv(12) == b"HTTP/1.1 413"
    assert chat.history() == []


def test_who_waits_for_an_answer_keeps_nobody_else_waiting(pair: Pair, threads: ThreadPoolExecutor) -> None:
    people = [Person.register(pair.here) for _ in range(2 * AT_ONCE)]
    waiting = [threads.submit(person.start(model=NORMAL).say, "Hi") for person in people]
    assert Person.register(pair.here).start(model=QUICK).say("Hi").status == 201
    assert [one.result().answer["content"] for one in waiting] == [words(50)] * len(waiting)


def test_who_is_refused_makes_room_again(alice: Person) -> None:
    chat = alice.start(model=QUICK)
    nobody, stranger = Chat(_signed_out(alice), chat.session_id, chat.conversation_id), Person.register(alice.base_url)
    foreign = Chat(stranger, chat.session_id, chat.conversation_id)
    for _ in range(AT_ONCE):
        assert nobody.say("Hi").status == 401
        assert foreign.say("Hi").status == 403
        assert chat.say("").status == 422
    assert chat.say("Hi").status == 201


def test_a_provider_that_says_nothing_keeps_nobody_waiting_at_the_door(
    backends: Backends, threads: ThreadPoolExecutor
) -> None:
    """Its models are not known, so the first turns ask for them."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = {
            "OPENAI_BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/v1",
            "CHATAPP_MODELS": "",
            "CHATAPP_PROVIDER_TIMEOUT": "1",
            "CHATAPP_ANSWERS_PER_USER": "20",
        }
        with backends.server(settings) as server:
            person = Person.register(server.base_url)
            replies = threads.map(lambda chat: chat.say("Hi"), [person.start() for _ in range(3 * AT_ONCE)])
            assert {reply.status for reply in replies} == {504}


def test_turns_of_many_people_are_all_answered_and_told_in_order(pair: Pair, threads: ThreadPoolExecutor) -> None:
    chats = [Person.register(pair.here).start(model=NORMAL) for _ in range(24)]

    def talk(chat: Chat) -> list[str]:
        return [chat.say(f"{number}").answer["content"] for number in range(2)]

    for contents in threads.map(talk, chats):
        assert contents == [words(50), words(50)]
    for chat in chats:
        assert [message["content"] for message in chat.history()] == ["0", words(50), "1", words(50)]


def _half_sent(chat: Chat, framing: str = "Content-Length: 100", body: str = '{"con') -> socket.socket:
    """A connection on which somebody who is signed in has sent the beginning of a message."""
    address = urlsplit(chat.person.base_url)
    connection = socket.create_connection((address.hostname, address.port), timeout=30)
    head = [
        f"POST /api/chat/{chat.session_id}/message HTTP/1.1",
        f"Host: {address.netloc}",
        f"Cookie: {chat.person.cookie}",
        "Content-Type: application/json",
        framing,
    ]
    connection.sendall("\r\n".join([*head, "", body]).encode())
    return connection


def _signed_out(person: Person) -> Person:
    device = person.another_device()
    device.ask("POST", "/api/auth/logout", expect=204)
    return device
