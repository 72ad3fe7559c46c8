from __future__ import annotations

from chatapp.providers import openai_tokenizer


def test_a_text_longer_than_the_package_takes_is_counted_in_parts() -> None:
    text = "hello " * 250_000

    assert openai_tokenizer.count(text) >= 250_000
    assert openai_tokenizer.count(text) < 250_010


def test_names_of_special_tokens_are_text_like_any_other() -> None:
    assert openai_tokenizer.count("<|endoftext|>") > 1
