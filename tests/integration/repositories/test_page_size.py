"""Pages of lists are bounded by bytes, and lead to the rest."""

from __future__ import annotations

from typing import Any

import pytest
from pymongo.database import Database

from chatapp.models.chat_models import Reasoning, Role, Window
from chatapp.repositories import conversation_list, message_log, page_size
from chatapp.repositories.documents import Document
from chatapp.repositories.log_blocks import Block, page_block
from tests.support.history import generation, message, open_book

MEGABYTE = 1_000_000


def test_a_page_of_large_messages_has_fewer_of_them_and_a_cursor(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    said = [book.say("a" * MEGABYTE).id for _ in range(7)]

    page = book.messages.page(*book.key, limit=200)

    assert [message.id for message in page.items] == said[-3:]
    assert book.shown(limit=200) == said


def test_what_a_model_thought_counts_as_well(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    said: list[str] = []
    for _ in range(5):
        running = generation(book.say().id)
        assert book.begin_turn(book.window(), None, running)
        thought = Reasoning("a" * MEGABYTE)
        answer = message(book, "", running.parent_id, Role.ASSISTANT, id=running.message_id, reasoning=thought)
        assert book.conversations.turns.end(answer)
        said += [running.parent_id, answer.id]

    page = book.messages.page(*book.key, limit=200)

    assert [one.id for one in page.items] == said[-6:]


def test_a_message_counts_as_many_bytes_as_it_takes_in_json(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    said = [book.say("\x01" * 300_000).id for _ in range(4)]

    page = book.messages.page(*book.key, limit=200)

    assert [message.id for message in page.items] == said[-2:]


def test_a_page_around_a_message_and_the_newer_ones_are_bounded_as_well(database: Database[dict[str, Any]]) -> None:
    book = open_book(database)
    said = [book.say("a" * MEGABYTE).id for _ in range(9)]

    around = book.messages.page_around(*book.key, said[1], limit=200)
    newer = book.messages.page(*book.key, limit=200, cursor=around.previous_cursor)

    assert [message.id for message in around.items] == said[1:3]
    assert [message.id for message in newer.items] == said[3:6]
    assert newer.previous_cursor is not None


def test_an_item_larger_than_a_page_stands_alone() -> None:
    assert page_size.fitting(["large", "small"], lambda text: text, 200, most_bytes=1) == (["large"], True)


def test_a_page_is_full_at_its_limit_or_at_its_last_byte() -> None:
    assert page_size.fitting("abc", lambda text: text, 2) == (["a", "b"], True)
    assert page_size.fitting("äöü", lambda text: text, 3, most_bytes=8) == (["ä", "ö"], True)
    assert page_size.fitting("ab", lambda text: text, 2) == (["a", "b"], False)


def test_no_more_is_read_than_fits() -> None:
    """Otherwise two hundred messages of a megabyte would be read for a page that has four."""
    texts = iter(["a" * 10] * 200)

    shown, more = page_size.fitting(texts, lambda text: text, 200, most_bytes=36)

    assert (len(shown), more, len(list(texts))) == (3, True, 196), "each takes 12 with its quotation marks"


def test_newer_messages_are_read_only_as_far_as_they_fit(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    book = open_book(database)
    said = [book.say("a" * MEGABYTE).id for _ in range(30)]
    pages: list[Block] = []

    def count(window: Window, page: Document) -> Block:
        pages.append(page_block(window, page))
        return pages[-1]

    monkeypatch.setattr(message_log, "page_block", count)
    around = book.messages.page_around(*book.key, said[1], limit=200)
    for_around = len(pages)
    book.messages.page(*book.key, limit=200, cursor=around.previous_cursor)

    assert for_around <= 8
    assert len(pages) - for_around <= 8


def test_a_list_of_conversations_with_large_system_prompts_is_bounded_too(
    database: Database[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversation_list, "MOST_PAGE_BYTES", 250)
    book = open_book(database)
    made = [book.conversations.create(book.user_id, system_prompt="a" * 100).id for _ in range(5)]

    first = book.conversations.list(book.user_id, limit=200)
    second = book.conversations.list(book.user_id, limit=200, cursor=first.next_cursor)

    assert len(first.items) == len(second.items) == 2
    assert {item.id for item in (*first.items, *second.items)} == set(made[1:])
