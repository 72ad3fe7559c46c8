"""People who chat over HTTP. Every call takes a connection of its own, so that any worker may answer it."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from email.message import Message as Headers
from http.client import HTTPConnection, HTTPResponse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.sse import AnswerStream, EventStream

PASSWORD = "correct horse battery staple"
TIMEOUT = 120.0
"""Seconds, which an embedded model may need for an answer that comes whole."""
EVENTS = {"Accept": "text/event-stream"}

Json = dict[str, Any]


def new_id() -> str:
    """An idempotency key."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that came whole. ``body`` is empty where there was none."""

    status: int
    headers: Headers
    body: Json

    @property
    def answer(self) -> Json:
        """The assistant's message, also where it failed."""
        return dict(self.body["assistantMessage"])

    @property
    def question(self) -> Json:
        return dict(self.body["userMessage"])


class Refused(Exception):
    """The server answered with something else than was asked for."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status, reply.body)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in on one device."""

    base_url: str
    email: str
    cookie: str

    @classmethod
    def register(cls, base_url: str) -> Person:
        """Somebody new."""
        return _signed_in(base_url, "register", f"{secrets.token_hex(8)}@example.org", 201)

    def another_device(self, base_url: str | None = None) -> Person:
        """The same person signs in once more."""
        return _signed_in(base_url or self.base_url, "login", self.email, 200)

    def at(self, base_url: str) -> Person:
        """The same device, connected to another server."""
        return replace(self, base_url=base_url)

    def open(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> tuple[HTTPConnection, HTTPResponse]:
        """Sends a request and reads the head of its answer. Whoever calls closes both.

        Raises:
            OSError, HTTPException: nobody answered.
        """
        connection = HTTPConnection(urlsplit(self.base_url).netloc, timeout=timeout)
        data = None if body is None else json.dumps(body).encode()
        sent = {"Cookie": self.cookie, **(headers or {})}
        if data is not None:
            sent["Content-Type"] = "application/json"
        try:
            connection.request(method, path, data, sent)
            return connection, connection.getresponse()
        except BaseException:
            connection.close()
            raise

    def call(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> Reply:
        """Sends a request and reads its answer. Raises as ``open``."""
        connection, response = self.open(method, path, body, headers, timeout)
        with _closing(connection, response):
            return _reply(response)

    def ask(self, method: str, path: str, body: Json | None = None, *, expect: int = 200) -> Json:
        """What the server says, which must be ``expect``.

        Raises:
            Refused: it answered with another status.
        """
        reply = self.call(method, path, body)
        if reply.status != expect:
            raise Refused(reply)
        return reply.body

    def start(self, **options: object) -> Chat:
        """A session on a new conversation, or with ``conversationId`` on an own one."""
        body = self.ask("POST", "/api/chat/start", dict(options), expect=201)
        return Chat(self, body["sessionId"], body["conversationId"])

    def events(self, last_event_id: str | None = None) -> EventStream:
        """What changes in the person's conversations.

        Raises:
            Refused: the server does not tell.
        """
        headers = EVENTS if last_event_id is None else {**EVENTS, "Last-Event-ID": last_event_id}
        connection, response = self.open("GET", "/api/events", headers=headers)
        if response.status != 200:
            with _closing(connection, response):
                raise Refused(_reply(response))
        return EventStream(connection, response)


@dataclass(frozen=True, slots=True)
class Chat:
    """A chat session on one conversation."""

    person: Person
    session_id: str
    conversation_id: str

    def at(self, base_url: str) -> Chat:
        """The same session, used through another server."""
        return replace(self, person=self.person.at(base_url))

    def another_session(self, person: Person | None = None) -> Chat:
        """Another session on the same conversation, perhaps on another device."""
        return (person or self.person).start(conversationId=self.conversation_id)

    def say(self, content: str, **fields: object) -> Reply:
        """Sends a message and waits for its answer, as JSON."""
        return self.person.call("POST", self._path("message"), {"content": content, **fields})

    def stream(self, content: str, **fields: object) -> AnswerStream:
        """Sends a message and listens to its answer.

        Raises:
            Refused: no answer is being written.
        """
        return self._listen("POST", self._path("message"), {"content": content, **fields})

    def regenerate(self, answer_id: str) -> AnswerStream:
        """Has another answer written beside one. Raises as ``stream``."""
        return self._listen("POST", self._path("regenerate"), {"messageId": answer_id})

    def go_on(self, answer_id: str) -> AnswerStream:
        """Has an answer continued. Raises as ``stream``."""
        return self._listen("POST", self._path("continue/stream"), {"messageId": answer_id})

    def listen(
        self, after: int | None = None, last_event_id: int | str | None = None, message_id: str | None = None
    ) -> AnswerStream | None:
        """Joins the answer being written; ``None`` where none is. Raises as ``stream``.

        An id that is text is taken for nonsense, and ``message_id`` for that of another answer: the server is expected
        to begin at the beginning.
        """
        asked = {name: value for name, value in (("after", after), ("messageId", message_id)) if value is not None}
        path = f"{self._path('stream')}?{urlencode(asked)}"
        place = after or 0 if message_id is None else 0
        headers = {}
        if last_event_id is not None:
            place = last_event_id if isinstance(last_event_id, int) else 0
            headers["Last-Event-ID"] = str(last_event_id)
        try:
            return self._listen("GET", path, None, headers, place)
        except Refused as refused:
            if refused.reply.status == 204:
                return None
            raise

    def stop(self) -> None:
        self.person.ask("POST", self._path("stop"), expect=204)

    def delete_for_good(self) -> None:
        """Deletes the conversation, past the trash."""
        self.person.ask("DELETE", f"/api/conversations/{self.conversation_id}?permanent=true", expect=204)

    def history(self, limit: int = 50) -> list[Json]:
        """The whole active branch, the oldest message first, read page by page."""
        messages: list[Json] = []
        query: dict[str, object] = {"limit": limit}
        while True:
            page = self.person.ask("GET", self._path("history") + "?" + urlencode(query))
            messages[:0] = page["items"]
            if page["nextCursor"] is None:
                return messages
            query["cursor"] = page["nextCursor"]

    def header(self) -> Json:
        """The conversation."""
        return self.person.ask("GET", f"/api/conversations/{self.conversation_id}")

    def _path(self, what: str) -> str:
        return f"/api/chat/{self.session_id}/{what}"

    def _listen(
        self,
        method: str,
        path: str,
        body: Json | None = None,
        headers: Mapping[str, str] | None = None,
        place: int = 0,
    ) -> AnswerStream:
        connection, response = self.person.open(method, path, body, {**EVENTS, **(headers or {})})
        if response.status != 200:
            with _closing(connection, response):
                raise Refused(_reply(response))
        return AnswerStream(connection, response, place)


@contextmanager
def _closing(connection: HTTPConnection, response: HTTPResponse) -> Iterator[None]:
    with closing(connection), closing(response):
        yield


def _reply(response: HTTPResponse) -> Reply:
    data = response.read()
    return Reply(response.status, response.headers, json.loads(data) if data else {})


def _signed_in(base_url: str, way: str, email: str, expect: int) -> Person:
    nobody = Person(base_url, email, "")
    reply = nobody.call("POST", f"/api/auth/{way}", {"email": email, "password": PASSWORD})
    if reply.status != expect:
        raise Refused(reply)
    cookies: SimpleCookie = SimpleCookie()
    for header in reply.headers.get_all("Set-Cookie", []):
        cookies.load(header)
    return replace(nobody, cookie="; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items()))
