"""What the provider is asked again, and what it is not, after a prompt has failed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from chatapp.clock import utc_now
from chatapp.generation import patience
from chatapp.generation.context import ModelContext
from chatapp.generation.prompt import Prompts
from chatapp.generation.turn import Reserved
from chatapp.models.chat_models import (
    Conversation,
    FinishReason,
    Message,
    MessageError,
    MessageStatus,
    Role,
    Window,
)
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import ChatRequest, Finish, Piece
from chatapp.providers.errors import ProviderError
from chatapp.providers.tokens import TokenCounter

FINISH = Finish(None, FinishReason.STOP)


class Provider:
    """Answers each request with the next of ``replies``: pieces, and errors that are raised."""

    def __init__(self, *replies: Sequence[Piece | Exception]) -> None:
        self._replies = iter(replies)
        self.asked: list[list[str]] = []
        self.extra: Mapping[str, object] = {}
        self.chosen: tuple[float | None, float | None, int | None] = (None, None, None)

    def stream(self, request: ChatRequest) -> Iterator[Piece]:
        self.asked.append([message["content"] for message in request.messages])
        self.extra = request.extra
        self.chosen = (request.temperature, request.top_p, request.max_tokens)
        for step in next(self._replies):
            if isinstance(step, Exception):
                raise step
            yield step


class Branch:
    """The messages of a conversation, the newest first. The first ``failures`` reads fail in the middle."""

    def __init__(self, messages: list[Message], failures: int = 0) -> None:
        self._messages = messages
        self.failures = failures
        self.asked_from: str | None = None

    def branch(self, _window: Window, *, from_message_id: str | None = None) -> Iterator[Message]:
        self.asked_from = from_message_id
        for message in self._messages:
            if self.failures:
                self.failures -= 1
                raise AutoReconnect("there is no primary")
            yield message


class NoTokenizer:
    def count(self, _model: str, _text: str) -> int | None:
        return None


class Windows:
    def context_tokens(self, _model: str) -> int:
        return 8192


def message(number: int, role: Role, content: str, error: MessageError | None = None) -> Message:
    status = MessageStatus.ERROR if error else MessageStatus.COMPLETE
    return Message(str(number), "u", "c", str(number - 1), role, content, status, utc_now(), error=error)


FAILED_BEFORE = [
    message(3, Role.ASSISTANT, "", MessageError("provider_failed", "Not now.")),
    message(2, Role.USER, "lost"),
    message(1, Role.ASSISTANT, "Hello!"),
    message(0, Role.USER, "Hi"),
]
ANSWERED = FAILED_BEFORE[2:]


class Models:
    """Knows one way to have an answer continued, or none."""

    def __init__(self, prefill: Mapping[str, object] | None = None) -> None:
        self._prefill = prefill

    def prefill(self, _model: str) -> Mapping[str, object] | None:
        return self._prefill


def ask(provider: Provider, earlier: list[Message], failures: int = 0) -> list[Piece]:
    return ask_on(Branch(earlier, failures), provider, message(4, Role.USER, "Why?"))


def ask_on(branch: Branch, provider: Provider, question: Message | None) -> list[Piece]:
    now = utc_now()
    conversation = Conversation("c", "u", now, now, temperature=0.5, top_p=0.9, max_tokens=100)
    reserved = Reserved(Window(conversation, (), 0, 0, {}), question, message(5, Role.ASSISTANT, ""))
    context = ModelContext(TokenCounter(NoTokenizer()), Windows())
    parts: Any = (branch, context, provider, Models())
    return list(Prompts(*parts).ask(reserved))


def go_on(provider: Provider, models: Models) -> list[Piece]:
    """Continues the answer "The sky sc" to "Why?"."""
    now = utc_now()
    conversation = Conversation("c", "u", now, now)
    cut_off = [message(1, Role.ASSISTANT, "The sky sc"), message(0, Role.USER, "Why?")]
    answer = replace(message(2, Role.ASSISTANT, ""), parent_id="0", continues="1")
    reserved = Reserved(Window(conversation, (), 0, 0, {}), None, answer, begins_with="The sky sc")
    branch = Branch(cut_off)
    parts: Any = (branch, ModelContext(TokenCounter(NoTokenizer()), Windows()), provider, models)
    pieces = list(Prompts(*parts).ask(reserved))
    assert branch.asked_from == "1", "the text that is there comes last"
    return pieces


def test_a_server_that_continues_the_last_message_is_given_the_answer_so_far() -> None:
    provider = Provider(["atters.", FINISH])
    assert go_on(provider, Models({"continue_final_message": True})) == ["atters.", FINISH]
    assert provider.asked == [["Why?", "The sky sc"]]
    assert provider.extra == {"continue_final_message": True}


def test_any_other_is_asked_to_go_on_and_what_it_repeats_is_cut() -> None:
    provider = Provider(["The sky ", "scatters.", FINISH])
    assert go_on(provider, Models()) == ["atters.", FINISH]
    [prompt] = provider.asked
    assert prompt[:2] == ["Why?", "The sky sc"]
    assert "The sky sc" in prompt[2]


def failure(code: FailureCode, *, refused: bool = False) -> ProviderError:
    return ProviderError(code, refused=refused)


@pytest.mark.parametrize(
    "code",
    [
        FailureCode.REQUEST_REFUSED,
        FailureCode.PROVIDER_FAILED,
        FailureCode.CONTENT_FILTER,
        FailureCode.EMPTY_ANSWER,
        FailureCode.CONTEXT_TOO_LONG,
    ],
)
def test_a_prompt_with_unanswered_questions_that_fails_is_put_once_more_without_them(code: FailureCode) -> None:
    provider = Provider([failure(code)], ["So.", FINISH])

    assert ask(provider, FAILED_BEFORE) == ["So.", FINISH]
    assert provider.asked == [["Hi", "Hello!", "lost\n\nWhy?"], ["Hi", "Hello!", "Why?"]]


def test_it_is_put_once_more_and_no_oftener() -> None:
    provider = Provider([failure(FailureCode.PROVIDER_FAILED)], [failure(FailureCode.REQUEST_REFUSED, refused=True)])

    with pytest.raises(ProviderError) as raised:
        ask(provider, FAILED_BEFORE)

    assert raised.value.code is FailureCode.REQUEST_REFUSED
    assert len(provider.asked) == 2


def test_a_prompt_without_unanswered_questions_is_put_once() -> None:
    provider = Provider([failure(FailureCode.PROVIDER_FAILED)])

    with pytest.raises(ProviderError):
        ask(provider, ANSWERED)

    assert provider.asked == [["Hi", "Hello!", "Why?"]]


@pytest.mark.parametrize(
    "code",
    [FailureCode.UNREACHABLE, FailureCode.TIMEOUT, FailureCode.THROTTLED, FailureCode.KEY_REFUSED],
)
def test_a_provider_that_cannot_answer_now_is_not_asked_again(code: FailureCode) -> None:
    provider = Provider([failure(code)])

    with pytest.raises(ProviderError):
        ask(provider, FAILED_BEFORE)

    assert len(provider.asked) == 1


def test_nothing_is_asked_again_once_something_has_come() -> None:
    provider = Provider(["So", failure(FailureCode.PROVIDER_FAILED)])

    with pytest.raises(ProviderError):
        ask(provider, FAILED_BEFORE)

    assert len(provider.asked) == 1


def test_a_prompt_that_is_too_long_is_put_with_less_of_the_window_a_few_times() -> None:
    provider = Provider(*([failure(FailureCode.CONTEXT_TOO_LONG)] for _ in range(10)))

    with pytest.raises(ProviderError) as raised:
        ask(provider, FAILED_BEFORE)

    assert raised.value.code is FailureCode.CONTEXT_TOO_LONG
    assert len(provider.asked) == 4


def test_each_such_prompt_is_shorter_than_the_one_before() -> None:
    provider = Provider(*([failure(FailureCode.CONTEXT_TOO_LONG)] for _ in range(10)))
    long = [
        message(number, Role.ASSISTANT if number % 2 else Role.USER, "word " * 200) for number in reversed(range(20))
    ]

    with pytest.raises(ProviderError):
        ask(provider, long)

    lengths = [len(messages) for messages in provider.asked]
    assert lengths == sorted(set(lengths), reverse=True)
    assert len(lengths) == 3


def test_another_first_message_is_put_without_the_branch_beside_it() -> None:
    provider = Provider(["So.", FINISH])

    ask_on(Branch(ANSWERED), provider, replace(message(4, Role.USER, "Why?"), parent_id=None))

    assert provider.asked == [["Why?"]]


def test_a_refused_question_is_never_put_again() -> None:
    refused = message(3, Role.ASSISTANT, "", MessageError("request_refused", "No.", refused=True))
    provider = Provider(["So.", FINISH])

    ask(provider, [refused, *FAILED_BEFORE[1:]])

    assert provider.asked == [["Hi", "Hello!", "Why?"]]


def test_the_model_is_given_what_stands_before_the_question_or_before_another_answer_to_it() -> None:
    """Wherever in the conversation that is."""
    branch = Branch(ANSWERED)
    ask_on(branch, Provider([FINISH]), message(4, Role.USER, "Why?"))
    assert branch.asked_from == "3"
    ask_on(branch, Provider([FINISH]), None)
    assert branch.asked_from == "4"


def test_the_model_is_asked_with_what_the_conversation_has_chosen() -> None:
    provider = Provider([FINISH])
    ask(provider, ANSWERED)
    assert provider.chosen == (0.5, 0.9, 100)


def test_an_election_while_the_prompt_is_read_delays_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_RETRY_EVERY", 0.01)
    provider = Provider(["So.", FINISH])

    assert ask(provider, ANSWERED, failures=3) == ["So.", FINISH]
    assert provider.asked == [["Hi", "Hello!", "Why?"]]


def test_waiting_for_the_store_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_RETRY_EVERY", 0.01)
    monkeypatch.setattr(patience, "_GIVE_UP_AFTER", 0.05)

    with pytest.raises(AutoReconnect):
        ask(Provider(), ANSWERED, failures=1_000_000)
