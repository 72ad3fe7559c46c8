from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chatapp.clock import utc_now
from chatapp.generation.context import MESSAGE_TOKENS, TEMPLATE_TOKENS, ModelContext, answer_room
from chatapp.models.chat_models import Message, MessageError, MessageStatus, Role
from chatapp.providers.errors import ProviderError
from chatapp.providers.tokens import TokenCounter


class Words:
    """A tokenizer of one token for each word."""

    def __init__(self) -> None:
        self.asked = 0

    def count(self, model: str, text: str) -> int | None:
        self.asked += 1
        return len(text.split())


class Windows:
    def __init__(self, tokens: int) -> None:
        self._tokens = tokens

    def context_tokens(self, model: str) -> int:
        return self._tokens


def branch(*contents: str, statuses: dict[int, MessageStatus] | None = None) -> list[Message]:
    """Messages that alternate, given oldest first as people read them, back newest first as they are walked."""
    messages = [
        Message(
            id=str(number),
            user_id="u",
            conversation_id="c",
            parent_id=str(number - 1) if number else None,
            role=Role.ASSISTANT if number % 2 else Role.USER,
            content=content,
            status=(statuses or {}).get(number, MessageStatus.COMPLETE),
            created_at=utc_now(),
        )
        for number, content in enumerate(contents)
    ]
    return messages[::-1]


def context(window: int, words: Words | None = None) -> ModelContext:
    return ModelContext(TokenCounter(words or Words()), Windows(window))


def window_for(tokens: int) -> int:
    """A window in which ``tokens`` of messages fit, with an answer of 10."""
    return tokens + 10 + TEMPLATE_TOKENS


def test_everything_is_given_where_it_fits_and_nothing_is_counted() -> None:
    words = Words()

    prompt = context(8192, words).build("Be kind.", branch("Hi", "Hello!", "How are you?"), model="m").messages

    assert prompt == [
        {"role": "system", "content": "Be kind."},
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!"},
        {"role": "user", "content": "How are you?"},
    ]
    assert words.asked == 0


def test_what_fits_by_its_tokens_is_given_though_its_bytes_are_too_many() -> None:
    long_words = "incomprehensibilities " * 20
    window = window_for(3 * (20 + MESSAGE_TOKENS))

    prompt = context(window).build(None, branch(long_words, long_words, long_words), model="m", max_tokens=10).messages

    assert len(prompt) == 3


def test_the_oldest_is_left_out_first_and_the_system_prompt_never() -> None:
    window = window_for((2 + MESSAGE_TOKENS) + 3 * (10 + MESSAGE_TOKENS))
    ten = "incomprehensibility " * 10
    messages = branch("first " + ten, ten, ten, ten, "last " + ten)

    prompt = context(window).build("Be kind.", messages, model="m", max_tokens=10).messages

    assert [entry["role"] for entry in prompt] == ["system", "user"]
    assert prompt[-1]["content"].startswith("last")


def test_what_is_given_begins_with_a_question() -> None:
    window = window_for(2 * (10 + MESSAGE_TOKENS))
    ten = "incomprehensibility " * 10

    prompt = context(window).build(None, branch(ten, ten, ten), model="m", max_tokens=10).messages

    assert [entry["role"] for entry in prompt] == ["user"]


def test_the_branch_is_read_only_as_far_as_it_fits() -> None:
    read = 0

    def endless() -> Iterator[Message]:
        nonlocal read
        while True:
            read += 1
            yield branch("word " * 100)[0]

    context(2048).build(None, endless(), model="m")

    assert read < 50


def test_room_is_left_for_the_answer() -> None:
    assert answer_room(8192, None) == 2048
    assert answer_room(128_000, None) == 4096
    assert answer_room(8192, 100) == 100
    assert answer_room(8192, 100_000) == 4096


def test_a_question_that_does_not_fit_fails_with_a_code_of_its_own() -> None:
    with pytest.raises(ProviderError) as caught:
        context(1024).build(None, branch("short", "short", "word " * 2000), model="m")

    assert caught.value.code == "context_too_long"


def test_a_question_beside_a_system_prompt_that_takes_all_the_room_fails_too() -> None:
    with pytest.raises(ProviderError):
        context(1024).build("word " * 2000, branch("Hi"), model="m")


def test_with_a_smaller_share_of_the_window_less_is_given() -> None:
    messages = branch(*["word " * 50] * 41)
    whole = context(2048).build(None, messages, model="m").messages
    half = context(2048).build(None, messages, model="m", share=0.5).messages

    assert 1 <= len(half) <= len(whole) / 2 + 1
    assert half == whole[-len(half) :]


def test_a_failed_answer_is_left_out_and_the_questions_around_it_become_one() -> None:
    messages = branch("Hi", "", "Hello?", statuses={1: MessageStatus.ERROR})

    assert context(8192).build(None, messages, model="m").messages == [{"role": "user", "content": "Hi\n\nHello?"}]


def test_an_interrupted_answer_is_given_as_far_as_it_came() -> None:
    messages = branch("Hi", "Hel", "Go on", statuses={1: MessageStatus.INTERRUPTED})

    assert [entry["content"] for entry in context(8192).build(None, messages, model="m").messages] == [
        "Hi",
        "Hel",
        "Go on",
    ]


def test_an_answer_that_is_to_be_continued_comes_last() -> None:
    prompt = context(8192).build(None, branch("Hi", "Hel"), model="m").messages

    assert prompt[-1] == {"role": "assistant", "content": "Hel"}


def conversation(*messages: tuple[Role, str, MessageError | None]) -> list[Message]:
    """One branch, oldest first, given back newest first."""
    made = [
        replace(message, role=role, error=error)
        for message, (role, _, error) in zip(
            reversed(branch(*[content for _, content, _ in messages])), messages, strict=True
        )
    ]
    return made[::-1]


REFUSED = MessageError("request_refused", "No.", refused=True)
FAILED = MessageError("provider_failed", "Not now.")


def test_a_question_that_was_refused_is_left_out_of_later_prompts() -> None:
    messages = conversation(
        (Role.USER, "Hi", None),
        (Role.ASSISTANT, "Hello!", None),
        (Role.USER, "poison", None),
        (Role.ASSISTANT, "", REFUSED),
        (Role.USER, "And now?", None),
    )

    prompt = context(8192).build(None, messages, model="m")

    assert [entry["content"] for entry in prompt.messages] == ["Hi", "Hello!", "And now?"]
    assert not prompt.has_unanswered


def test_a_refused_question_that_is_asked_again_is_given() -> None:
    messages = conversation((Role.USER, "poison", None))

    assert [entry["content"] for entry in context(8192).build(None, messages, model="m").messages] == ["poison"]


def test_a_question_that_failed_in_passing_stays_unless_it_is_not_wanted() -> None:
    messages = conversation(
        (Role.USER, "Hi", None),
        (Role.ASSISTANT, "", FAILED),
        (Role.USER, "Hello?", None),
    )

    prompt = context(8192).build(None, messages, model="m")
    without = context(8192).build(None, messages, model="m", unanswered=False)

    assert [entry["content"] for entry in prompt.messages] == ["Hi\n\nHello?"]
    assert prompt.has_unanswered
    assert [entry["content"] for entry in without.messages] == ["Hello?"]
    assert not without.has_unanswered


def test_an_answer_that_broke_off_counts_as_an_answer() -> None:
    messages = conversation(
        (Role.USER, "Hi", None),
        (Role.ASSISTANT, "Hel", REFUSED),
        (Role.USER, "Go on", None),
    )

    prompt = context(8192).build(None, messages, model="m", unanswered=False)

    assert [entry["content"] for entry in prompt.messages] == ["Hi", "Hel", "Go on"]
