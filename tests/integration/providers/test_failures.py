"""Every way to fail has a code of its own and a sentence without the provider's words; text that came stays."""

from __future__ import annotations

import logging
import socket
import time

import pytest

from chatapp.providers.chat import ChatRequest, Piece
from chatapp.providers.errors import ProviderError
from chatapp.providers.openai_provider import ModelProvider
from tests.integration.providers.conftest import Ask, Make
from tests.support.provider import FakeProvider

HELLO = ChatRequest("echo", [{"role": "user", "content": "my private words"}])


def text_and_error(provider: ModelProvider, model: str) -> tuple[str, ProviderError]:
    pieces: list[Piece] = []
    with pytest.raises(ProviderError) as caught:
        pieces.extend(provider.stream(ChatRequest(model, HELLO.messages)))
    return "".join(map(str, pieces)), caught.value


@pytest.mark.parametrize(
    ("model", "code"),
    [
        ("400", "request_refused"),
        ("401", "key_refused"),
        ("403", "key_refused"),
        ("404", "model_not_found"),
        ("no-such-model", "model_not_found"),
        ("429", "throttled"),
        ("quota", "quota_exceeded"),
        ("500", "provider_failed"),
        ("503", "provider_failed"),
        ("context", "context_too_long"),
        ("hang", "timeout"),
        ("hang-after-head", "timeout"),
        ("empty", "empty_answer"),
        ("page", "wrong_address"),
    ],
)
def test_an_answer_without_text_fails_with_its_own_code(model_provider: ModelProvider, model: str, code: str) -> None:
    text, error = text_and_error(model_provider, model)

    assert (text, error.code) == ("", code)
    assert error.sentence.endswith(".")
    assert "secret" not in error.sentence


@pytest.mark.parametrize(
    ("model", "code", "words"),
    [
        ("hang-in-the-middle", "timeout", 5),
        ("cut", "connection_lost", 5),
        ("no-finish", "connection_lost", 5),
        ("malformed", "malformed_answer", 3),
        ("error-in-stream", "provider_failed", 3),
    ],
)
def test_the_text_before_a_failure_is_kept(model_provider: ModelProvider, model: str, code: str, words: int) -> None:
    text, error = text_and_error(model_provider, model)

    assert (len(text.split()), error.code) == (words, code)


def test_a_reset_connection_is_a_lost_one(model_provider: ModelProvider) -> None:
    assert text_and_error(model_provider, "reset")[1].code == "connection_lost"


def test_a_request_is_sent_again_only_where_an_old_connection_may_have_ended_before_it(
    provider: FakeProvider, ask: Ask, model_provider: ModelProvider
) -> None:
    assert text_and_error(model_provider, "close-before")[1].code == "connection_lost"
    assert provider.total == 1

    ask("echo")
    assert text_and_error(model_provider, "close-before")[1].code == "connection_lost"
    assert provider.total == 1 + 1 + 2


def test_a_throttled_caller_is_told_when_to_try_again(model_provider: ModelProvider) -> None:
    assert text_and_error(model_provider, "429")[1].retry_after == 7


@pytest.mark.parametrize("model", ["hang", "cut", "malformed", "500", "429"])
def test_the_next_question_is_answered(
    provider: FakeProvider, ask: Ask, model_provider: ModelProvider, model: str
) -> None:
    text_and_error(model_provider, model)

    assert "".join(ask("echo", "fine again")[0]) == "fine again"


def test_a_failed_call_leaves_no_connection_that_is_in_use(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    for model in ("hang", "cut", "malformed", "hang-in-the-middle"):
        text_and_error(model_provider, model)

    assert provider.wait_until(lambda state: state["open"] == 0)["running"] == []


def test_a_wrong_key_is_named_without_the_key(
    provider: FakeProvider, make_provider: Make, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = make_provider(provider.base_url, OPENAI_API_KEY="wrong")

    _, error = text_and_error(wrong, "echo")

    assert error.code == "key_refused"
    assert "wrong" not in error.sentence
    assert "Bearer" not in caplog.text
    assert "my private words" not in caplog.text


def test_a_port_where_nobody_listens_is_unreachable(make_provider: Make) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        _, error = text_and_error(make_provider(f"http://127.0.0.1:{port}/v1"), "echo")

    assert error.code == "unreachable"


def test_a_name_that_nobody_has_is_unreachable(make_provider: Make) -> None:
    assert text_and_error(make_provider("http://nobody.invalid/v1"), "echo")[1].code == "unreachable"


def test_a_server_that_speaks_no_tls_is_unreachable(provider: FakeProvider, make_provider: Make) -> None:
    url = provider.base_url.replace("http:", "https:")

    assert text_and_error(make_provider(url), "echo")[1].code == "unreachable"


def test_a_server_that_takes_no_connection_times_out(make_provider: Make) -> None:
    """Its queue of connections is full: what comes then is not even refused."""
    with socket.socket() as full, socket.socket() as first:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        first.connect(("127.0.0.1", port))
        slow = make_provider(f"http://127.0.0.1:{port}/v1", CHATAPP_PROVIDER_TIMEOUT="0.3")
        began = time.monotonic()

        _, error = text_and_error(slow, "echo")

    assert error.code == "timeout"
    assert time.monotonic() - began < 30


def test_without_a_provider_nobody_else_is_asked(make_provider: Make) -> None:
    nobody = make_provider("")

    assert text_and_error(nobody, "echo")[1].code == "not_configured"
