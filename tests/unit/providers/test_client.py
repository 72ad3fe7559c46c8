"""Requests as they leave, without a provider."""

from __future__ import annotations

import httpx2
import openai
import pytest

from chatapp.providers import client as module
from chatapp.providers.client import ProviderClient
from config.settings import load_settings

KEY = "x" * 32
OF_ONE_CALL = {"accept", "accept-encoding", "x-stainless-retry-count", "x-stainless-read-timeout"}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[httpx2.Request]:
    """What was sent; everything is answered with an empty object, or with the status that ``/status/`` names."""
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        status = int(request.url.path.rpartition("/")[2]) if "/status/" in request.url.path else 200
        return httpx2.Response(status, json={"error": {"message": "no"}} if status > 200 else {})

    monkeypatch.setattr(
        module,
        "_http_client",
        lambda _url, timeout: httpx2.Client(timeout=timeout, transport=httpx2.MockTransport(answer)),
    )
    return requests


def test_a_streamed_request_says_who_asks_as_the_openai_client_does(
    sent: list[httpx2.Request], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "org-1")
    environment = {"OPENAI_API_KEY": "sk-right", "OPENAI_BASE_URL": "http://provider.test/v1/"}
    client = ProviderClient(load_settings({"SECRET_KEY": KEY, **environment}))
    client.post("/chat/completions", {"model": "m", "stream": True}, timeout=5)
    for _ in range(2):
        client.stream("/chat/completions", {"model": "m", "stream": True}).close()
    usual, *streamed = sent
    for request in streamed:
        assert (request.method, request.url, request.read()) == (usual.method, usual.url, usual.read())
        wanted = {(name, value) for name, value in usual.headers.multi_items() if name not in OF_ONE_CALL}
        assert wanted <= set(request.headers.multi_items())
        assert len(request.headers.multi_items()) == len(set(request.headers.keys())), "no header is there twice"
        assert request.headers["accept"] == "text/event-stream"
        assert request.headers["openai-organization"] == "org-1"


@pytest.mark.parametrize("status", [307, 400, 500])
def test_another_status_than_one_of_success_is_raised_with_what_was_said(
    sent: list[httpx2.Request], status: int
) -> None:
    client = ProviderClient(load_settings({"SECRET_KEY": KEY, "OPENAI_BASE_URL": "http://provider.test/v1"}))
    with pytest.raises(openai.APIStatusError) as refused:
        client.stream(f"/status/{status}", {})
    assert refused.value.status_code == status
    assert refused.value.body == {"error": {"message": "no"}}
    assert refused.value.response.is_closed
