"""What providers send in the field, wherever it is cut."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.providers.chat import Finish
from tests.support.provider_answers import Outcome
from tests.support.provider_cases import CASES, STREAMS, Stream


def check(stream: Stream, outcome: Outcome) -> None:
    assert (outcome.text, outcome.reasoning) == (stream.text, stream.reasoning)
    assert (outcome.reason, outcome.code) == (stream.reason, stream.failure)
    if isinstance(outcome.end, Finish):
        assert outcome.end.usage == stream.usage


def test_every_case_has_its_right_answer() -> None:
    assert {stream.name for stream in STREAMS} == {path.stem for path in (CASES / "provider_streams").iterdir()}


@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_a_stream_from_the_field_means_what_it_means_in_one_piece_and_byte_by_byte(stream: Stream) -> None:
    check(stream, Outcome(stream.body))
    check(stream, Outcome(*(bytes([byte]) for byte in stream.body)))


@given(st.sampled_from(STREAMS), st.lists(st.integers(0, 1000)))
def test_and_however_it_is_cut(stream: Stream, cuts: list[int]) -> None:
    places = sorted({0, len(stream.body), *(cut % len(stream.body) for cut in cuts)})

    check(stream, Outcome(*(stream.body[start:end] for start, end in pairwise(places))))
