"""How many messages move, whatever their sizes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatapp.repositories.limits import (
    HARD_WINDOW_BYTES,
    KEPT_BYTES,
    KEPT_MESSAGES,
    MAX_MESSAGE_BYTES,
    PAGE_BYTES,
)
from chatapp.repositories.message_overflow import count_to_move

SIZES = st.lists(st.integers(0, 1000) | st.integers(0, MAX_MESSAGE_BYTES), max_size=160)


@given(SIZES)
def test_moving_again_and_again_leaves_a_short_window_and_bounded_pages(sizes: list[int]) -> None:
    window = list(sizes)
    while count := count_to_move(window):
        page, window = window[:count], window[count:]
        assert sum(page) <= PAGE_BYTES or len(page) == 1

    assert len(window) <= KEPT_MESSAGES
    assert sum(window) <= KEPT_BYTES


@given(SIZES)
def test_no_more_moves_than_must(sizes: list[int]) -> None:
    if len(sizes) <= KEPT_MESSAGES and sum(sizes) <= KEPT_BYTES:
        assert count_to_move(sizes) == 0
    else:
        assert 0 < count_to_move(sizes) <= len(sizes)


def test_a_shortened_window_takes_the_largest_message() -> None:
    assert KEPT_BYTES + MAX_MESSAGE_BYTES <= HARD_WINDOW_BYTES
