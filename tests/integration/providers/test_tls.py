from __future__ import annotations

import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from chatapp.providers.chat import ChatRequest
from chatapp.providers.errors import ProviderError
from tests.integration.providers.conftest import Make
from tests.integration.providers.test_gevent import KILL, PRELUDE, ROOT
from tests.support.provider import FakeProvider
from tests.support.provider_server import CERTIFICATE

REQUEST = ChatRequest("echo", [{"role": "user", "content": "hello over there"}])

ASK = """
from chatapp.providers.errors import ProviderError
asked = ModelProvider(load_settings({
    "SECRET_KEY": "x" * 32, "OPENAI_BASE_URL": sys.argv[1], "CHATAPP_PROVIDER_TIMEOUT": "3"}))
print(ask(asked, "echo"), ask(asked, "echo"))
try:
    ask(asked, "hang-in-the-middle")
except ProviderError as error:
    print(error.code)
print(ask(asked, "echo"))
"""


@pytest.fixture(scope="module")
def secure() -> Iterator[FakeProvider]:
    with FakeProvider(tls=True) as provider:
        yield provider


def run(script: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "SSL_CERT_FILE": str(CERTIFICATE)}
    command = [sys.executable, "-c", PRELUDE + script, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment)


def test_answers_come_over_tls_on_a_connection_that_is_kept(
    secure: FakeProvider, make_provider: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    provider = make_provider(secure.base_url)

    for _ in range(3):
        assert "".join(str(piece) for piece in list(provider.stream(REQUEST))[:-1]) == "hello over there"
    assert secure.control()["open"] == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(secure: FakeProvider, make_provider: Make) -> None:
    with pytest.raises(ProviderError) as caught:
        list(make_provider(secure.base_url).stream(REQUEST))
    assert caught.value.code == "unreachable"


def test_what_is_no_tls_within_an_answer_is_a_lost_connection(
    make_provider: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))

    def answer_and_break(listener: socket.socket) -> None:
        with context.wrap_socket(listener.accept()[0], server_side=True) as connection:
            connection.recv(65_536)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n")
            os.write(connection.fileno(), b"This is no TLS.")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=answer_and_break, args=[listener]).start()
        provider = make_provider(f"https://localhost:{listener.getsockname()[1]}/v1")
        with pytest.raises(ProviderError) as caught:
            list(provider.stream(REQUEST))
    assert caught.value.code == "connection_lost"


def test_under_gevent_too_and_silence_is_noticed(secure: FakeProvider) -> None:
    with run(ASK, secure.base_url) as process:
        assert process.communicate(timeout=30)[0] == "hi hi\ntimeout\nhi\n"


def test_ending_an_answer_closes_its_connection(secure: FakeProvider) -> None:
    with run(KILL, secure.base_url, "crawl") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        secure.wait_until(lambda state: state["open"] == 0)
        process.kill()
