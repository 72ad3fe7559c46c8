"""What is no request is answered like any other error, and leaves nothing of itself in the log."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Iterator

import pytest

from chatapp.models.reasons import Reason
from tests.support.chat_client import Person
from tests.support.server import ServerProcess

SECRET = b"what-somebody-wrote"
GET = b"GET /api/auth/me HTTP/1.1\r\nHost: chat\r\n"
POST = b"POST /api/auth/login HTTP/1.1\r\nHost: chat\r\nContent-Type: application/json\r\n"


@pytest.fixture(scope="module")
def server(mongodb_uri: str) -> Iterator[ServerProcess]:
    env = {"MONGODB_URI": mongodb_uri, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "CHATAPP_LOG_LEVEL": "debug"}
    with ServerProcess(env, workers=1) as server:
        yield server


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (GET + b"X: " + SECRET * 1000 + b"\r\n\r\n", 431),
        (GET + b"".join(b"X%d: 1\r\n" % number for number in range(100)) + b"\r\n", 431),
        (b"GET /" + SECRET * 1000 + b" HTTP/1.1\r\n\r\n", 414),
        (POST + b"Transfer-Encoding: " + SECRET + b"\r\n\r\n", 501),
        (POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400),
        (POST + b"Content-Length: 3\r\n\r\n{}", 400),
        (POST + b"Content-Length: 3\r\n\r\n", 400),
        (SECRET + b"\r\n\r\n", 400),
        (b'{"content": "' + SECRET + b'"}\r\n\r\n', 400),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n" + SECRET, 400),
        (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
        (b"GET /healthz HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    ],
    ids=[
        *(
            "large header",
            "many headers",
            "long line",
            "unknown coding",
            "two lengths",
            "cut off",
            "never sent",
            "noise",
            "json",
            "broken chunk",
        ),
        *("no host", "two equal hosts", "two hosts", "no host's name"),
    ],
)
def test_it_is_refused_in_json(server: ServerProcess, sent: bytes, status: int) -> None:
    head, _, body = _answer_to(server, sent).partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Type: application/json" in head
    assert json.loads(body)["code"] == status
    reasons = {414: {Reason.URI_TOO_LONG}, 431: {Reason.HEADERS_TOO_LARGE}}
    assert json.loads(body)["reason"] in reasons.get(status, {Reason.BAD_REQUEST, Reason.MALFORMED_JSON})


@pytest.mark.parametrize(
    "line", [b"1.0\r\n", b"1.0\r\nHost: a\r\n", b"1.1\r\nHost: [::1]:8000\r\n", b"1.1\r\nhost:\r\n"]
)
def test_a_host_may_be_left_out_only_where_it_is_no_part_of_the_protocol(server: ServerProcess, line: bytes) -> None:
    sent = b"GET /healthz HTTP/" + line + b"Connection: close\r\n\r\n"
    assert b" 200 OK" in _answer_to(server, sent).split(b"\r\n")[0]


def test_none_of_it_is_in_the_log(server: ServerProcess) -> None:
    _answer_to(server, POST + b"Content-Length: 2\r\n\r\n{}" + SECRET)
    _answer_to(server, SECRET + b" / HTTP/9.9\r\n\r\n")

    assert "Not a valid request" in server.logs
    assert SECRET.decode() not in server.logs


def test_the_application_writes_its_lines_with_their_time_and_without_content(server: ServerProcess) -> None:
    person = Person.register(server.base_url)
    person.ask("GET", "/api/models")
    person.ask("POST", "/api/conversations/", {"title": SECRET.decode()}, expect=201)

    assert re.search(
        r"^\[\S+ \S+ \S+\] \[\d+\] \[WARNING\] the provider's models are not known", server.logs, re.MULTILINE
    )
    assert SECRET.decode() not in server.logs
    assert person.email not in server.logs


def _answer_to(server: ServerProcess, sent: bytes) -> bytes:
    """Everything up to the end of the connection."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while data := connection.recv(65_536):
            received += data
    return received
