from __future__ import annotations

import pytest

from chatapp.providers.openai_provider import ModelProvider
from chatapp.providers.server_tokenizer import ServerTokenizer
from tests.integration.providers.test_gevent import run
from tests.support.provider import FakeProvider

TEXT = "four bytes are one token here"  # 29 bytes
TOKENS = 8

AT_ONCE = """
from chatapp.providers.server_tokenizer import ServerTokenizer
tokenizer = ServerTokenizer(asked.client)
counting = [gevent.spawn(tokenizer.count, "m", "four bytes are one token here") for _ in range(20)]
gevent.joinall(counting, raise_error=True)
print([greenlet.value for greenlet in counting] == [8 if sys.argv[2] else None] * 20)
"""


@pytest.mark.parametrize("kind", ["llama", "vllm"])
def test_a_servers_own_tokenizer_counts(provider: FakeProvider, model_provider: ModelProvider, kind: str) -> None:
    provider.control(tokenizer=kind)
    tokenizer = ServerTokenizer(model_provider.client)

    assert [tokenizer.count("m", TEXT), tokenizer.count("m", TEXT + TEXT)] == [TOKENS, 15]
    assert provider.control()["tokenized"] == 3, "one to find out, two to count"


@pytest.mark.parametrize("kind", ["llama", "vllm"])
def test_the_first_turns_of_a_worker_look_for_it_once_and_all_count(provider: FakeProvider, kind: str) -> None:
    provider.control(tokenizer=kind)

    with run(AT_ONCE, provider.base_url, kind) as process:
        assert process.communicate(timeout=30)[0] == "True\n"
    assert provider.control()["tokenized"] == 21


def test_a_server_without_a_tokenizer_is_looked_at_once_by_all_of_them(provider: FakeProvider) -> None:
    with run(AT_ONCE, provider.base_url, "") as process:
        assert process.communicate(timeout=30)[0] == "True\n"
    assert provider.control()["refused_texts"] == ["hello", "hello"]


def test_a_server_without_a_tokenizer_is_asked_only_once_and_told_nothing(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    tokenizer = ServerTokenizer(model_provider.client)

    assert [tokenizer.count("m", TEXT) for _ in range(5)] == [None] * 5
    assert provider.control()["refused_texts"] == ["hello", "hello"]


def test_but_not_for_ever(
    provider: FakeProvider, model_provider: ModelProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may only have been starting, or another one has taken its place."""
    monkeypatch.setattr("chatapp.providers.server_tokenizer._NONE_PAUSE", 0.0)
    tokenizer = ServerTokenizer(model_provider.client)
    assert tokenizer.count("m", TEXT) is None

    provider.control(tokenizer="vllm")
    assert tokenizer.count("m", TEXT) == TOKENS

    provider.control(tokenizer="llama")
    monkeypatch.setattr("chatapp.providers.server_tokenizer._FAILED_PAUSE", 0.0)
    assert tokenizer.count("m", TEXT) is None
    assert tokenizer.count("m", TEXT) == TOKENS


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
