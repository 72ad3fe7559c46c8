"""A client that joins a stream knows at once that it is connected, and gets the form that it names."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.integration.chat.conftest import Pair
from tests.support.chat_client import EVENTS, Person
from tests.support.fake_models import QUICK, SILENT

AT_ONCE = 2.5
"""Seconds; the next sign of life would come after 15, or with the end of a silent answer after 4."""


def test_the_head_of_a_stream_does_not_wait_for_the_next_text(pair: Pair, alice: Person) -> None:
    chat = alice.start(model=SILENT)
    with chat.stream("Are you there?") as first:
        first.until_started()

        for person in (alice, alice.at(pair.there)):
            assert _connects(person, f"/api/chat/{chat.session_id}/stream?after=0")
            assert _connects(person, f"/api/chat/{chat.session_id}/stream", {"Last-Event-ID": "99999999"})
    chat.stop()


def test_the_head_of_the_changes_does_not_wait_for_the_next_change(alice: Person) -> None:
    with alice.events() as events:
        ready = next(iter(events))

    assert ready.id is not None
    assert _connects(alice, "/api/events", {"Last-Event-ID": ready.id})


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/event-stream", "text/event-stream"),
        ("TEXT/Event-Stream; charset=utf-8", "text/event-stream"),
        ("application/json, text/event-stream", "text/event-stream"),
        ("application/json;q=0.5, text/event-stream", "text/event-stream"),
        ("text/event-stream, */*;q=0.1", "text/event-stream"),
        ("text/event-stream;q=0.2, application/json;q=0.1, */*", "text/event-stream"),
        ("text/event-stream;q=0.1, application/json", "application/json"),
        ("application/json, text/event-stream;q=0.5", "application/json"),
        ("text/event-stream;q=0.5, */*", "application/json"),
        ("text/event-stream;q=0", "application/json"),
        ("text/*", "application/json"),
        ("*/*", "application/json"),
    ],
)
def test_a_turn_is_streamed_where_accept_names_the_type_and_prefers_json_no_more(
    alice: Person, accept: str, kind: str
) -> None:
    chat = alice.start(model=QUICK)

    connection, response = alice.open(
        "POST", f"/api/chat/{chat.session_id}/message", {"content": "Hi"}, {"Accept": accept}
    )
    with response:
        response.read()
    connection.close()

    assert response.headers.get_content_type() == kind


def _connects(person: Person, path: str, headers: Mapping[str, str] | None = None) -> bool:
    connection, response = person.open("GET", path, None, {**EVENTS, **(headers or {})}, AT_ONCE)
    response.close()
    connection.close()
    return response.status == 200
