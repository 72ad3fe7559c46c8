"""What each user may store and do, as the API says it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from pymongo.database import Database

from chatapp.api import turn_answers
from chatapp.errors import Busy
from chatapp.generation.turn import Turn
from chatapp.models.chat_models import Message
from chatapp.services import user_limits
from chatapp.services.chat_service import ChatService
from tests.support.api import make_app, sign_up
from tests.support.processes import wait_until

Documents = Database[dict[str, Any]]


@pytest.fixture
def alice(database: Documents) -> FlaskClient:
    return sign_up(make_app(database, CHATAPP_USER_QUOTA="3000", CHATAPP_RATE_LIMITS="on"), "alice")


def test_a_full_quota_is_507_with_the_figures_and_deleting_for_good_makes_room(
    alice: FlaskClient, database: Documents
) -> None:
    made = alice.post("/api/conversations", json={}).json or {}
    path = f"/api/conversations/{made['id']}"
    assert alice.post(f"{path}/messages", json={"content": "a" * 1000}).status_code == 201
    wait_until(lambda: database["users"].count_documents({"storedBytes": 3500}) == 1)

    refused = [
        alice.post(f"{path}/messages", json={"content": "b"}),
        alice.post("/api/conversations", json={}),
        alice.post("/api/chat/start", json={}),
        alice.patch(path, json={"systemPrompt": "Be brief."}),
    ]

    for answer in refused:
        assert answer.status_code == 507
        body = answer.json or {}
        assert (body["reason"], body["storedBytes"], body["quotaBytes"]) == ("storage_full", 3500, 3000)
    assert alice.patch(path, json={"title": "still mine"}).status_code == 200
    session = (alice.post("/api/chat/start", json={"conversationId": made["id"]}).json or {})["sessionId"]
    assert alice.post(f"/api/chat/{session}/message", json={"content": "b"}).status_code == 507
    messages = (alice.get(f"{path}/messages").json or {})["items"]
    assert [message["content"] for message in messages] == ["a" * 1000]

    assert alice.delete(f"{path}?permanent=true").status_code == 204
    wait_until(lambda: database["users"].count_documents({"storedBytes": 0}) == 1)
    assert alice.post("/api/conversations", json={}).status_code == 201


def test_writes_are_counted_before_their_bodies_are_read(alice: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_limits, "WRITES_PER_MINUTE", 3)

    answers = [alice.post("/api/conversations", data=b"{", content_type="application/json") for _ in range(7)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) in (1, 4), "another minute may begin meanwhile"
    assert (refused[0].json or {})["reason"] == "too_many_writes"
    assert 0 < int(refused[0].headers["Retry-After"]) <= 60
    assert alice.get("/api/conversations").status_code == 200


def test_a_user_who_has_too_many_event_streams_open_gets_no_other(
    alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_limits, "MOST_STREAMS", 0)

    answer = alice.get("/api/events")

    assert answer.status_code == 429
    assert (answer.json or {})["reason"] == "too_many_streams"


def test_a_stream_that_is_refused_does_not_count(alice: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(user_limits, "MOST_STREAMS", 1)

    answers = [alice.get("/api/chat/6b0a30f00bf510c6f12e9a9c/stream").status_code for _ in range(2)]

    assert answers == [404, 404]


def test_streams_that_are_asked_for_at_the_same_moment_all_count(
    alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_limits, "MOST_STREAMS", 1)
    path = f"/api/chat/{(alice.post('/api/chat/start', json={}).json or {})['sessionId']}/stream"
    told: list[int] = []
    listen = ChatService.listen

    def ask_again_meanwhile(*args: Any) -> Any:
        with monkeypatch.context() as once:
            once.setattr(ChatService, "listen", listen)
            told.append(alice.get(path).status_code)
        return listen(*args)

    monkeypatch.setattr(ChatService, "listen", ask_again_meanwhile)

    for _ in range(2):
        with alice.get(path) as answer:
            assert answer.status_code == 204
    assert told == [429, 429]


def test_a_user_who_calls_all_the_time_has_a_few_calls_worked_on_and_the_others_wait(
    alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_limits, "MOST_AT_ONCE", 1)
    user_id = (alice.get("/api/auth/me").json or {})["id"]
    limits = alice.application.extensions["chatapp"].limits

    with ThreadPoolExecutor(1) as pool:
        with limits.place(user_id):
            waiting = pool.submit(alice.get, "/api/conversations")
            with pytest.raises(TimeoutError):
                waiting.result(0.2)
            assert sign_up(alice.application, "bob").get("/api/conversations").status_code == 200
        assert waiting.result(10).status_code == 200


def test_a_caller_who_waits_for_an_answer_keeps_no_other_call_waiting(
    alice: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(user_limits, "MOST_AT_ONCE", 1)
    path = f"/api/chat/{(alice.post('/api/chat/start', json={}).json or {})['sessionId']}/message"
    told: list[int] = []

    def ask_meanwhile(_turn: Turn, _seconds: float) -> Message:
        with ThreadPoolExecutor(1) as pool:
            told.append(pool.submit(alice.get, "/api/auth/me").result(10).status_code)
        raise Busy(retry_after=1)

    monkeypatch.setattr(ChatService, "send", lambda *_, **__: None)
    monkeypatch.setattr(turn_answers, "wait_for_answer", ask_meanwhile)

    assert alice.post(path, json={"content": "hello"}).status_code == 503
    assert told == [200]
