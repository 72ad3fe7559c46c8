"""Requests as they leave, without a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx2
import openai
import pytest

from chatapp.providers import client as module
from chatapp.providers.client import ProviderClient
from chatapp.providers.errors import ProviderError
from config.settings import load_settings

OF_ONE_CALL = {"accept", "accept-encoding", "connection", "content-length", "host"}
TELLS_THE_MACHINE = "x-stainless-"


@dataclass
class Recorder:
    """Stands in for the wire, and answers with ``status`` and ``body``."""

    status: int = 200
    body: bytes = b"{}"
    sent: list[tuple[str, str, dict[str, str], bytes | None]] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)
    closed: int = 0

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, *, connect: float, read: float
    ) -> Recorder:
        self.sent.append((method, url, {name.lower(): value for name, value in headers.items()}, body))
        self.waits.append((connect, read))
        return self

    @property
    def headers(self) -> dict[str, str]:
        return {}

    def __iter__(self) -> object:
        yield self.body

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    recorder = Recorder()
    monkeypatch.setattr(module, "Wire", lambda _url: recorder)
    return recorder


def client(base_url: str = "http://provider.test/v1", **environment: str) -> ProviderClient:
    return ProviderClient(load_settings({"SECRET_KEY": "x" * 32, "OPENAI_BASE_URL": base_url, **environment}))


def test_a_request_says_who_asks_as_the_openai_client_does_and_not_from_what_machine(
    wire: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    usual: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        usual.append(request)
        return httpx2.Response(200, json={})

    own = httpx2.Client(transport=httpx2.MockTransport(answer))
    openai.OpenAI(api_key="sk-right", base_url="http://provider.test/v1/", http_client=own).post(
        "/chat/completions", cast_to=httpx2.Response, body={"model": "m"}
    )

    client("http://provider.test/v1/", OPENAI_API_KEY="sk-right").stream({"model": "m"})

    method, url, headers, body = wire.sent[0]
    assert (method, url) == (usual[0].method, str(usual[0].url))
    assert body is not None
    assert body.replace(b" ", b"") == usual[0].read()
    of_all = {
        name: value
        for name, value in usual[0].headers.items()
        if name not in OF_ONE_CALL and not name.startswith(TELLS_THE_MACHINE)
    }
    assert {name: value for name, value in headers.items() if name not in OF_ONE_CALL} == of_all
    assert headers["accept"] == "text/event-stream"
    assert headers["openai-organization"] == "org-1"


def test_openai_itself_is_asked_where_only_a_key_is_set(wire: Recorder) -> None:
    client("", OPENAI_API_KEY="sk-right").stream({})

    assert wire.sent[0][1] == "https://api.openai.com/v1/chat/completions"


@pytest.mark.parametrize(
    ("base_url", "url", "root_url"),
    [
        ("http://p.test/v1", "http://p.test/v1/models", "http://p.test/models"),
        ("http://p.test/v1/", "http://p.test/v1/models", "http://p.test/models"),
        ("http://p.test:81/api/v1", "http://p.test:81/api/v1/models", "http://p.test:81/api/models"),
        ("http://p.test", "http://p.test/models", "http://p.test/models"),
        (
            "https://p.test/openai/v1/?v=1&x=%2F",
            "https://p.test/openai/v1/models?v=1&x=%2F",
            "https://p.test/openai/models?v=1&x=%2F",
        ),
        ("http://me:secret@p.test/v1", "http://p.test/v1/models", "http://p.test/models"),
        ("http://[::1]:81/v1", "http://[::1]:81/v1/models", "http://[::1]:81/models"),
    ],
)
def test_paths_stand_below_the_base_url_or_beside_the_protocol(
    wire: Recorder, base_url: str, url: str, root_url: str
) -> None:
    made = client(base_url)

    assert (made.url("/models"), made.root_url("/models")) == (url, root_url)


def test_the_time_that_is_waited_is_the_providers_for_an_answer_and_else_the_callers(wire: Recorder) -> None:
    made = client(CHATAPP_PROVIDER_TIMEOUT="45")
    made.stream({})
    made.get(made.url("/models"), 3)
    made.post(made.root_url("/tokenize"), {}, 20)

    assert wire.waits == [(10, 45), (3, 3), (10, 20)]


@pytest.mark.parametrize("status", [199, 301, 400, 500])
def test_another_status_than_one_of_success_is_an_error_and_closes_the_response(wire: Recorder, status: int) -> None:
    wire.status = status
    with pytest.raises(ProviderError):
        client().stream({})
    assert wire.closed == 1


@pytest.mark.parametrize(
    ("body", "code"), [(b"{", "malformed_answer"), (b"[" * 100_000, "malformed_answer"), (b" <html>", "wrong_address")]
)
def test_what_is_no_json_is_told_apart(wire: Recorder, body: bytes, code: str) -> None:
    wire.body = body
    with pytest.raises(ProviderError) as caught:
        client().get("http://provider.test/v1/models", 3)
    assert (caught.value.code, wire.closed) == (code, 1)


def test_a_body_without_an_end_is_not_gathered_for_ever(wire: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_BYTES", 1)
    with pytest.raises(ProviderError) as caught:
        client().get("http://provider.test/v1/models", 3)
    assert (caught.value.code, wire.closed) == ("malformed_answer", 1)


@pytest.mark.parametrize("key", ["sk-\n", "schlüssel☃"])
def test_a_key_that_no_header_can_hold_is_an_unreachable_provider(key: str) -> None:
    with pytest.raises(ProviderError) as caught:
        client(OPENAI_API_KEY=key).stream({})
    assert caught.value.code == "unreachable"
    assert caught.value.__cause__ is None, "a trace would show the key"


def test_without_a_key_and_an_address_nobody_is_asked(wire: Recorder) -> None:
    with pytest.raises(ProviderError) as caught:
        client("").stream({})
    assert (caught.value.code, wire.sent) == ("not_configured", [])
