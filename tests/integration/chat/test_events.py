"""``GET /api/events``: what changes in one's conversations, told by either worker, and caught up with afterwards."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from threading import Thread

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import Chat, Person
from tests.support.chat_servers import Backends
from tests.support.fake_models import ENDLESS, QUICK
from tests.support.mongod import Mongod
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider
from tests.support.sse import EventStream, SseEvent


@dataclass
class Device:
    """Listens to what changes, on a thread of its own, until it is closed."""

    stream: EventStream
    events: list[SseEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._thread = Thread(target=self._read, daemon=True)
        self._thread.start()

    @property
    def told(self) -> list[str]:
        """The names of the events so far, ``ready`` left out."""
        return [event.name for event in self.events if event.name != "ready"]

    @property
    def is_listening(self) -> bool:
        return self._thread.is_alive()

    @property
    def last_id(self) -> str:
        return next(event.id for event in reversed(self.events) if event.id is not None)

    def wait_for(self, enough: Callable[[list[SseEvent]], bool]) -> None:
        wait_until(lambda: enough(self.events), what="an event")

    def wait_for_name(self, name: str) -> None:
        self.wait_for(lambda events: any(event.name == name for event in events))

    def about(self, conversation_id: str) -> list[str]:
        return [event.name for event in self.events if event.data.get("conversationId") == conversation_id]

    def close(self) -> None:
        """As when a laptop is shut: what comes after is not heard."""
        self.stream.hang_up()
        self._thread.join(20)

    def _read(self) -> None:
        with self.stream as events:
            self.events.extend(events)


@pytest.fixture
def devices() -> Iterator[Callable[..., Device]]:
    """Opens devices that are listening by the time they are given out."""
    opened: list[Device] = []

    def listening(person: Person, last_event_id: str | None = None) -> Device:
        device = Device(person.events(last_event_id))
        opened.append(device)
        if last_event_id is None:
            device.wait_for_name("ready")
        return device

    yield listening
    for device in opened:
        device.close()


Open = Callable[..., Device]

A_TURN = ["message.created", "generation.started", "conversation.updated", "generation.ended"]
"""The first turn of a conversation also gives it its title."""


def _live(alice: Person, pair: Pair) -> Chat:
    """Everything that can happen to a conversation, on both workers in turn."""
    chat = alice.at(pair.there).start(model=QUICK)
    path = f"/api/conversations/{chat.conversation_id}"
    chat.at(pair.here).say("Hi")
    alice.at(pair.there).ask("PATCH", path, {"title": "Renamed"})
    alice.at(pair.here).ask("DELETE", path, expect=204)
    alice.at(pair.there).ask("POST", f"{path}/restore")
    alice.at(pair.here).ask("DELETE", f"{path}?permanent=true", expect=204)
    return chat


LIFE = [
    "conversation.created",
    *A_TURN,
    "conversation.updated",
    "conversation.updated",
    "conversation.updated",
    "conversation.deleted",
]


def test_devices_on_both_workers_hear_everything_in_order(alice: Person, pair: Pair, devices: Open) -> None:
    listening = [devices(alice.at(server)) for server in (pair.here, pair.there)]
    chat = _live(alice, pair)
    for device in listening:
        device.wait_for_name("conversation.deleted")
        assert device.told == LIFE
        assert device.about(chat.conversation_id) == LIFE
        assert [event.data for event in device.events] == [event.data for event in listening[0].events]


def test_events_name_the_messages_and_how_the_answer_ended(alice: Person, pair: Pair, devices: Open) -> None:
    device = devices(alice.at(pair.there))
    chat = alice.start(model=ENDLESS)
    with chat.stream("Hi") as stream:
        heard = stream.until_text(10)
        device.wait_for_name("generation.started")
        chat.stop()
    assert heard.started is not None
    device.wait_for_name("generation.ended")
    data = {event.name: event.data for event in device.events}
    assert data["message.created"]["messageId"] == heard.started["userMessage"]["id"]
    assert data["generation.started"]["messageId"] == heard.answer_id
    assert data["generation.ended"] == {
        "conversationId": chat.conversation_id,
        "messageId": heard.answer_id,
        "status": "stopped",
    }


def test_a_device_hears_of_the_other_workers_turn_within_a_second(alice: Person, pair: Pair, devices: Open) -> None:
    device = devices(alice.at(pair.there))
    chat = alice.start(model=QUICK)
    took: list[float] = []
    for turn in range(1, 5):
        chat.say("Hi")
        began = time.monotonic()
        device.wait_for(lambda _, turn=turn: device.told.count("generation.ended") == turn)  # type: ignore[misc]
        took.append(time.monotonic() - began)
    assert min(took[1:]) < 1.0, took  # the machine may be busy, but who asks now and then is late every time


def _order(alice: Person) -> tuple[str, list[tuple[str, dict[str, str]]]]:
    """Changes projects and tags. Returns the conversation with the tag, and what is told beside its own events."""
    project = alice.ask("POST", "/api/projects/", {"name": "Physics"}, expect=201)["id"]
    alice.ask("PATCH", f"/api/projects/{project}", {"name": "Optics"})
    conversation = alice.ask("POST", "/api/conversations/", {"tags": ["sky"], "projectId": project}, expect=201)["id"]
    alice.ask("PATCH", "/api/tags/sky", {"color": "blue"})
    alice.ask("PATCH", "/api/tags/sky", {"color": None})
    alice.ask("PATCH", "/api/tags/sky", {"name": "light"})
    alice.ask("DELETE", "/api/tags/light", expect=204)
    alice.ask("DELETE", f"/api/projects/{project}", expect=204)
    named = [(f"project.{kind}", {"projectId": project}) for kind in ("created", "updated", "deleted")]
    tags = [("tag.updated", {"name": name}) for name in ("sky", "sky", "sky", "light")]
    return str(conversation), [*named[:2], *tags, named[2]]


def test_devices_hear_of_projects_and_tags_by_themselves(alice: Person, pair: Pair, devices: Open) -> None:
    bob = devices(Person.register(pair.there))
    listening = [devices(alice.at(server)) for server in (pair.here, pair.there)]

    conversation, expected = _order(alice)

    for device in listening:
        device.wait_for_name("project.deleted")
        told = [(event.name, event.data) for event in device.events if "conversationId" not in event.data]
        assert told[1:] == expected
        assert device.about(conversation) == ["conversation.created", *["conversation.updated"] * 3]
    assert bob.told == []


@pytest.mark.parametrize("where", ["here", "there"])
def test_a_device_that_comes_back_is_told_what_it_missed(alice: Person, pair: Pair, devices: Open, where: str) -> None:
    before = devices(alice)
    first = alice.start(model=QUICK)
    before.wait_for_name("conversation.created")
    last_id = before.last_id
    before.close()

    missed = _live(alice, pair)
    back = devices(alice.at(getattr(pair, where)), last_id)
    back.wait_for_name("conversation.deleted")
    second = alice.start(model=QUICK)
    back.wait_for(lambda _: second.conversation_id in [event.data.get("conversationId") for event in back.events])

    assert back.about(first.conversation_id) == []
    assert back.about(missed.conversation_id) == LIFE
    assert not any(event.data.get("lost") for event in back.events)


def test_a_device_that_comes_back_at_every_event_misses_none(alice: Person, pair: Pair, devices: Open) -> None:
    """Some may be told twice; every one is told."""
    device = devices(alice)
    seen: list[str] = []
    chats = []
    for number in range(6):
        chats.append(alice.at((pair.here, pair.there)[number % 2]).start(model=QUICK))
        device.wait_for_name("conversation.created")
        seen += [event.data["conversationId"] for event in device.events if event.name == "conversation.created"]
        last_id = device.last_id
        device.close()
        chats.append(alice.start(model=QUICK))
        device = devices(alice.at((pair.there, pair.here)[number % 2]), last_id)
        device.wait_for_name("conversation.created")
        seen += [event.data["conversationId"] for event in device.events if event.name == "conversation.created"]
    assert list(dict.fromkeys(seen)) == [chat.conversation_id for chat in chats]


def test_who_was_away_while_the_whole_server_restarted_is_told_at_once_to_read_again(
    provider: FakeProvider, devices: Open
) -> None:
    """Also where MongoDB is quiet: nothing new is written that would show how far a listener has read."""
    with Mongod() as quiet, Backends.on(quiet.uri, provider).server(workers=2) as server:
        alice = Person.register(server.base_url)
        before = devices(alice)
        alice.start(model=QUICK)
        before.wait_for_name("conversation.created")
        last_id = before.last_id
        alice.start(model=QUICK).say("Hi")
        server.kill_all()
        server.start()
        for _ in range(4):  # so that both workers are asked, most likely
            back = devices(alice, last_id)
            back.wait_for_name("ready")
            assert back.events[0].data == {"lost": True}
            chat = alice.start(model=QUICK)
            back.wait_for_name("conversation.created")
            assert back.about(chat.conversation_id) == ["conversation.created"]


def test_somebody_elses_events_are_never_told(alice: Person, pair: Pair, devices: Open) -> None:
    bob = Person.register(pair.there)
    listening = [devices(bob.at(server)) for server in (pair.here, pair.there)]
    last_id = listening[0].last_id
    _live(alice, pair)
    mine = bob.start(model=QUICK)
    listening += [devices(bob.at(server), last_id) for server in (pair.here, pair.there)]
    for device in listening:
        device.wait_for_name("conversation.created")
        assert device.told == ["conversation.created"]
        assert device.about(mine.conversation_id) == ["conversation.created"]


def test_a_device_that_was_signed_out_hears_no_more(alice: Person, pair: Pair, devices: Open) -> None:
    own, phone = devices(alice), devices(alice.another_device(pair.there))
    alice.ask("DELETE", "/api/auth/sessions", expect=204)
    wait_until(lambda: not phone.is_listening, what="the end of the stream")
    chat = alice.start(model=QUICK)
    own.wait_for_name("conversation.created")
    assert own.about(chat.conversation_id) == ["conversation.created"]
    assert phone.about(chat.conversation_id) == []


@pytest.mark.parametrize("nonsense", ["nonsense", "0" * 40, "8200", "82" + "F" * 64, "82ZZ"])
def test_an_id_that_means_nothing_is_answered_with_lost(
    alice: Person, pair: Pair, devices: Open, nonsense: str
) -> None:
    device = devices(alice.at(pair.there), nonsense)
    device.wait_for_name("ready")
    assert device.events[0].data == {"lost": True}
    chat = alice.start(model=QUICK)
    device.wait_for_name("conversation.created")
    assert device.about(chat.conversation_id) == ["conversation.created"]


@pytest.mark.slow
def test_a_quiet_connection_is_kept_alive(alice: Person, pair: Pair, devices: Open) -> None:
    device = devices(alice)
    before = device.stream.keep_alives
    wait_until(lambda: device.stream.keep_alives > before, what="a comment")


def test_a_hundred_devices_cost_a_few_kilobytes_each(alice: Person, pair: Pair) -> None:
    with ExitStack() as opened:
        streams = [opened.enter_context(alice.events()) for _ in range(100)]
        chat = alice.at(pair.there).start(model=QUICK)
        for stream in streams:
            names = []
            for event in stream:
                names.append(event.name)
                if event.data.get("conversationId") == chat.conversation_id:
                    break
            assert names == ["ready", "conversation.created"]
