"""Joining the rest of an answer to what is there of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.generation.continuation import Joint, joined_to
from chatapp.models.chat_models import FinishReason
from chatapp.providers.chat import Finish, Piece, ReasoningText

FINISH = Finish(None, FinishReason.STOP)
OLD = "The sky is blue because sunlight scat"


def joined(old: str, *pieces: Piece) -> str:
    shown = joined_to(old, iter([*pieces, FINISH]))
    return old + "".join(piece for piece in shown if isinstance(piece, str))


@pytest.mark.parametrize(
    ("new", "whole"),
    [
        ("because sunlight scatters in the air.", "The sky is blue because sunlight scatters in the air."),
        ("The sky is blue because sunlight scatters.", "The sky is blue because sunlight scatters."),
        ("\n\nbecause sunlight scatters.", "The sky is blue because sunlight scatters."),
        (" It is more than that.", "The sky is blue because sunlight scat It is more than that."),
        ("because sunlight scat", OLD),
        ("because sun and moon", OLD + " because sun and moon"),
        ("", OLD),
    ],
    ids=["last words", "all again", "after empty lines", "nothing repeated", "nothing new", "other words", "nothing"],
)
def test_what_repeats_the_end_of_the_old_text_is_cut(new: str, whole: str) -> None:
    assert joined(OLD, new) == whole


@pytest.mark.parametrize(
    ("old", "new", "whole"),
    [
        ("It is blue.", "Indeed.", "It is blue. Indeed."),
        ("It is blue. ", "Indeed.", "It is blue. Indeed."),
        ("def f(", "x):", "def f(x):"),
        ("天空是蓝色的", "因为阳光", "天空是蓝色的因为阳光"),
        ("It is blue", "!", "It is blue!"),
    ],
)
def test_a_space_comes_between_words_and_nowhere_else(old: str, new: str, whole: str) -> None:
    assert joined(old, new) == whole


@given(st.text(min_size=1, max_size=600), st.text(max_size=60), st.data())
def test_the_cut_does_not_depend_on_how_the_text_comes(old: str, rest: str, data: st.DataObject) -> None:
    new = old[data.draw(st.integers(0, len(old))) :] + rest
    cuts = sorted(data.draw(st.lists(st.integers(0, len(new)), max_size=5)))
    pieces = [new[start:end] for start, end in zip([0, *cuts], [*cuts, len(new)], strict=True)]
    assert joined(old, *filter(None, pieces)) == joined(old, *filter(None, [new]))


def test_text_that_cannot_repeat_anything_is_shown_at_once() -> None:
    joint = Joint(OLD)
    assert joint.feed("Moon") == " Moon"
    assert joint.feed("light") == "light"


def test_reasoning_and_the_end_pass_unchanged() -> None:
    thought = ReasoningText("Hm.")
    assert list(joined_to(OLD, iter([thought, "because sunlight scat", "ters", FINISH]))) == [thought, "ters", FINISH]
