from __future__ import annotations

import pytest

from chatapp.providers.openai_provider import ModelProvider
from chatapp.providers.server_tokenizer import ServerTokenizer
from tests.support.provider import FakeProvider

TEXT = "four bytes are one token here"  # 29 bytes
TOKENS = 8


@pytest.mark.parametrize("kind", ["llama", "vllm"])
def test_a_servers_own_tokenizer_counts(provider: FakeProvider, model_provider: ModelProvider, kind: str) -> None:
    provider.control(tokenizer=kind)
    tokenizer = ServerTokenizer(model_provider.client)

    assert [tokenizer.count("m", TEXT), tokenizer.count("m", TEXT + TEXT)] == [TOKENS, 15]
    assert provider.control()["tokenized"] == 3, "one to find out, two to count"


def test_a_server_without_a_tokenizer_is_asked_only_once_and_told_nothing(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    tokenizer = ServerTokenizer(model_provider.client)

    assert [tokenizer.count("m", TEXT) for _ in range(5)] == [None] * 5
    assert provider.control()["refused_texts"] == ["hello", "hello"]


def test_a_server_that_is_away_is_left_alone_for_a_while(
    provider: FakeProvider, model_provider: ModelProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.control(tokenizer="llama", down=True)
    tokenizer = ServerTokenizer(model_provider.client)
    assert tokenizer.count("m", TEXT) is None

    provider.control(down=False)
    assert tokenizer.count("m", TEXT) is None

    monkeypatch.setattr(tokenizer, "_paused_until", 0.0)
    assert tokenizer.count("m", TEXT) == TOKENS
