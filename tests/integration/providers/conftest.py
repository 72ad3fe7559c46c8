from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chatapp.providers.chat import ChatRequest, Finish
from chatapp.providers.openai_provider import ModelProvider
from config.settings import load_settings
from tests.support.provider import FakeProvider

Ask = Callable[..., tuple[list[str], Finish]]


@pytest.fixture(scope="session")
def provider_process() -> Iterator[FakeProvider]:
    with FakeProvider() as provider:
        yield provider


@pytest.fixture
def provider(provider_process: FakeProvider) -> FakeProvider:
    """A provider on loopback that remembers nothing of the test before."""
    provider_process.reset()
    return provider_process


Make = Callable[..., ModelProvider]


@pytest.fixture
def make_provider() -> Make:
    """Makes providers for a base URL and other settings."""

    def make(base_url: str, **environment: str) -> ModelProvider:
        return ModelProvider(load_settings({"SECRET_KEY": "x" * 32, "OPENAI_BASE_URL": base_url, **environment}))

    return make


@pytest.fixture
def model_provider(provider: FakeProvider, make_provider: Make) -> ModelProvider:
    return make_provider(provider.base_url, CHATAPP_PROVIDER_TIMEOUT="3", OPENAI_API_KEY="sk-right")


@pytest.fixture
def ask(model_provider: ModelProvider) -> Ask:
    """Asks a model to the end: the pieces, and the finish."""

    def asked(model: str, content: str = "hello", **options: object) -> tuple[list[str], Finish]:
        request = ChatRequest(model, [{"role": "user", "content": content}], **options)  # type: ignore[arg-type]
        *pieces, finish = model_provider.stream(request)
        assert isinstance(finish, Finish)
        assert all(isinstance(piece, str) and piece for piece in pieces)
        return [str(piece) for piece in pieces], finish

    return asked
