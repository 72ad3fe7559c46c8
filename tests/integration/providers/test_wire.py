"""How the bytes travel: framed in every way, as they come, on kept connections and through proxies."""

from __future__ import annotations

import base64
import json
import threading
import time
from pathlib import Path

import pytest

from chatapp.providers.chat import ChatRequest
from chatapp.providers.errors import ProviderError
from chatapp.providers.openai_provider import ModelProvider
from chatapp.providers.wire import Wire
from tests.integration.providers.conftest import Ask, Make
from tests.integration.providers.test_gevent import run
from tests.support.forwarding_proxy import ForwardingProxy
from tests.support.provider import FakeProvider
from tests.support.provider_server import CERTIFICATE

HELD = ("held:framing=chunked", "held:framing=length", "held:framing=close", "held-zipped")

FIRST = """
import json, urllib.request
order = urllib.request.Request(
    sys.argv[1].removesuffix("/v1") + "/control", json.dumps({"go_on": True}).encode(), method="POST")
pieces = asked.stream(ChatRequest(sys.argv[2], [{"role": "user", "content": "hi"}]))
first = next(pieces)
urllib.request.urlopen(order)
print(first + "".join(piece for piece in pieces if isinstance(piece, str)))
"""


def request(model: str) -> ChatRequest:
    return ChatRequest(model, [{"role": "user", "content": "hi"}])


@pytest.mark.parametrize("model", HELD)
def test_the_first_token_is_there_while_the_provider_still_holds_the_second_back(
    provider: FakeProvider, model_provider: ModelProvider, model: str
) -> None:
    pieces = model_provider.stream(request(model))

    assert next(pieces) == "Hello "
    provider.control(go_on=True)
    assert next(pieces) == "world"
    next(pieces)


@pytest.mark.parametrize("model", HELD)
def test_and_under_gevent_as_in_production(provider: FakeProvider, model: str) -> None:
    with run(FIRST, provider.base_url, model) as process:
        assert process.communicate(timeout=30)[0] == "Hello world\n"


@pytest.mark.parametrize(("framing", "kept"), [("chunked", 1), ("length", 1), ("close", 0)])
def test_a_connection_is_used_again_where_the_body_leaves_it_open(
    provider: FakeProvider, ask: Ask, framing: str, kept: int
) -> None:
    for _ in range(3):
        assert ask(f"case:name=bom:framing={framing}")[0] == ["Hello world"]

    assert provider.wait_until(lambda state: state["open"] == kept)


def test_a_body_that_is_cut_before_its_length_is_a_lost_connection(model_provider: ModelProvider) -> None:
    with pytest.raises(ProviderError) as caught:
        list(model_provider.stream(request("case:name=null_reason_cut:framing=length")))

    assert caught.value.code == "connection_lost"


@pytest.mark.parametrize("silence", [100, 60_000])
@pytest.mark.parametrize("framing", ["chunked", "length", "close"])
def test_what_follows_an_end_is_waited_for_only_a_moment(
    monkeypatch: pytest.MonkeyPatch, provider: FakeProvider, make_provider: Make, framing: str, silence: int
) -> None:
    """Even if the connection shows signs of life, and if no other request could use it."""
    patient = make_provider(provider.base_url, CHATAPP_PROVIDER_TIMEOUT="60", OPENAI_API_KEY="sk-right")
    monkeypatch.setattr("chatapp.providers.openai_provider._USAGE_SECONDS", 0.5)
    began = time.monotonic()

    assert list(patient.stream(request(f"stop-without-end:gap={silence}:framing={framing}")))[:-1] == ["Hello"]
    assert 0.4 < time.monotonic() - began < 30


def test_how_long_one_answer_waits_is_nothing_to_the_next_one_on_its_connection(provider: FakeProvider) -> None:
    wire, url = Wire(provider.base_url), f"{provider.base_url}/chat/completions"
    ended, going = (json.dumps({"model": f"{model}:framing=length"}).encode() for model in ("case:name=bom", "held"))
    first = wire.request("POST", url, {}, ended, connect=5, read=5)
    assert b"".join(first)
    pieces = iter(wire.request("POST", url, {}, going, connect=5, read=5))
    assert next(pieces)
    assert provider.control()["open"] == 1

    first.wait_at_most(0.001)
    threading.Timer(0.2, lambda: provider.control(go_on=True)).start()

    assert b"".join(pieces)


def test_150_answers_at_once_have_150_connections(provider: FakeProvider, model_provider: ModelProvider) -> None:
    streams = [model_provider.stream(request("crawl")) for _ in range(150)]

    assert {next(stream) for stream in streams} == {"tok0 "}
    assert provider.control()["open"] == 150
    for stream in streams:
        stream.close()
    assert provider.wait_until(lambda state: state["open"] == 0)


class TestProxies:
    """Named by the environment, as for any other program."""

    def test_answers_come_through_one_for_http(
        self, provider: FakeProvider, make_provider: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The fake provider plays the proxy."""
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{provider.port}")
        monkeypatch.setenv("no_proxy", "")

        assert next(make_provider("http://model.invalid/v1").stream(request("echo"))) == "hi"

    def test_and_through_one_for_https_with_a_name_and_a_password(
        self, make_provider: Make, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        monkeypatch.setenv("no_proxy", "")
        with FakeProvider(tls=True) as secure, ForwardingProxy() as proxy:
            monkeypatch.setenv("https_proxy", f"me:s%20cret@127.0.0.1:{proxy.port}")

            assert next(make_provider(secure.base_url).stream(request("echo"))) == "hi"
        credentials = base64.b64encode(b"me:s cret").decode()
        assert proxy.asked[0].startswith(f"CONNECT localhost:{secure.port} ")
        assert f"proxy-authorization: Basic {credentials}" in proxy.asked[0]

    @pytest.mark.parametrize("exempt", ["127.0.0.1", "*", "other.invalid,127.0.0.1:{port}"])
    def test_but_not_where_the_environment_exempts_the_host(
        self, provider: FakeProvider, make_provider: Make, monkeypatch: pytest.MonkeyPatch, exempt: str
    ) -> None:
        monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
        monkeypatch.setenv("no_proxy", exempt.format(port=provider.port))

        assert next(make_provider(provider.base_url).stream(request("echo"))) == "hi"

    @pytest.mark.parametrize("proxy", ["http://127.0.0.1:1", "socks5://127.0.0.1:1"])
    def test_one_that_cannot_be_used_is_an_unreachable_provider(
        self, make_provider: Make, monkeypatch: pytest.MonkeyPatch, proxy: str
    ) -> None:
        monkeypatch.setenv("all_proxy", proxy)
        monkeypatch.setenv("no_proxy", "")

        with pytest.raises(ProviderError) as caught:
            next(make_provider("http://model.invalid/v1").stream(request("echo")))
        assert caught.value.code == "unreachable"


def test_this_is_the_only_place_that_speaks_http() -> None:
    providers = Path(__file__).parents[3] / "chatapp" / "providers"
    speaking = [path.name for path in providers.glob("*.py") if "import socket" in path.read_text()]

    assert speaking == []
