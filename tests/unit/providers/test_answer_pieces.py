"""Text and reasoning are found in every form, and told apart."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatapp.models.failures import FailureCode
from chatapp.providers.answer_reader import AnswerReader
from tests.support.provider_answers import DONE, STOP, Outcome, chunk, event, text


def test_all_that_one_read_brought_is_one_piece() -> None:
    assert AnswerReader().feed(text("Hel") + text("lo") + text(" there")) == ["Hello there"]


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.integers(1, 40))
def test_it_does_not_depend_on_where_the_bytes_are_cut(texts: list[str], size: int) -> None:
    stream = text("So: ") + b"".join(text(one) for one in texts) + STOP + DONE

    outcome = Outcome(*(stream[at : at + size] for at in range(0, len(stream), size)))

    assert (outcome.text, outcome.reason) == ("So: " + "".join(texts), "stop")


@given(st.lists(st.sampled_from(["a", "é", "\ud83d", "\ude00"]), min_size=1))
def test_pairs_of_surrogates_are_joined_and_halves_replaced(units: list[str]) -> None:
    expected = "".join(units).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    assert Outcome(*(text(unit) for unit in units), STOP).text == expected


@pytest.mark.parametrize(
    "content",
    [
        [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}],
        ["Hel", {"text": "lo"}],
        {"type": "text", "text": "Hello"},
        [{"type": "reference", "reference_ids": [1]}, {"type": "text", "text": "Hello"}],
        [{"type": "output_text", "text": "Hello"}, {"type": "image_url", "image_url": {"url": "x"}}],
    ],
)
def test_it_may_come_in_parts(content: object) -> None:
    assert Outcome(text(content), STOP).text == "Hello"


def test_older_completions_have_a_text_of_their_own() -> None:
    stream = event({"object": "text_completion", "choices": [{"index": 0, "text": "Hello", "finish_reason": None}]})
    end = event({"choices": [{"index": 0, "text": "", "finish_reason": "length"}]})

    assert (Outcome(stream, end).text, Outcome(stream, end).reason) == ("Hello", "length")


def test_a_whole_message_behind_deltas_repeats_them() -> None:
    whole = {"choices": [{"index": 0, "message": {"content": "Hello world"}, "finish_reason": "stop"}]}

    assert Outcome(text("Hello "), text("world"), event(whole), DONE).text == "Hello world"


def test_only_the_first_of_several_answers_counts() -> None:
    both = [{"index": index, "delta": {"content": said}} for index, said in ((1, "no"), (0, "yes"))]

    assert Outcome(event({"choices": both}), event({"choices": both[:1]}), STOP).text == "yes"


def test_events_without_an_empty_line_between_them_are_understood_all_the_same() -> None:
    stream = (text("Hello ") + text("world") + STOP + DONE).replace(b"\n\n", b"\n")

    assert (Outcome(stream).text, Outcome(stream).reason) == ("Hello world", "stop")


def test_a_line_feed_inside_the_json_is_part_of_the_text() -> None:
    assert Outcome(b'data: {"choices":[{"delta":{"content":"a\ndata: b"}}]}\n\n', STOP).text == "a\nb"


def test_objects_without_events_around_them_are_read_too() -> None:
    lines = (text("Hello ") + text("world") + STOP).replace(b"data: ", b"").replace(b"\n\n", b"\n")

    assert (Outcome(lines).text, Outcome(lines).reason) == ("Hello world", "stop")


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking"])
def test_it_is_kept_apart_from_the_text(name: str) -> None:
    outcome = Outcome(chunk({name: "hm "}), chunk({name: "so", "content": "Hel"}), text("lo"), STOP)

    assert (outcome.reasoning, outcome.text) == ("hm so", "Hello")


def test_what_is_said_in_two_fields_counts_once() -> None:
    assert Outcome(chunk({"reasoning_content": "hm", "reasoning": "hm"}), text("a"), STOP).reasoning == "hm"


@given(st.integers(1, 12), st.sampled_from(["<think>", "[THINK]"]))
def test_tags_are_found_however_they_are_cut(size: int, tag: str) -> None:
    said = f"\n {tag}a < b{tag}</thin{tag[0]}/{tag[1:]}\n\nHello <think> world"
    parts = [text(said[at : at + size]) for at in range(0, len(said), size)]

    outcome = Outcome(*parts, STOP)

    assert (outcome.reasoning, outcome.text) == (f"a < b{tag}</thin", "Hello <think> world")


@pytest.mark.parametrize("said", ["<thin", "<", " \n", "<thinker>", "see <think>this</think>", "\n<p>"])
def test_what_only_looks_like_a_tag_is_text(said: str) -> None:
    outcome = Outcome(*(text(letter) for letter in said), STOP)

    assert (outcome.text, outcome.reasoning) == (said, "")


def test_a_tag_that_is_never_closed_leaves_no_text() -> None:
    outcome = Outcome(text("<think>hm </thi"), chunk(reason="length"))

    assert (outcome.reasoning, outcome.code) == ("hm </thi", "length")


def test_half_a_surrogate_pair_in_it_is_replaced() -> None:
    assert Outcome(chunk({"reasoning": "a\ud83d"}), chunk({"reasoning": "b"}), text("c"), STOP).reasoning == "a\ufffdb"


def test_parts_of_one_message_cost_the_same_however_many_there_are() -> None:
    many = min(_seconds_for(400_000) for _ in range(2))  # the collector of garbage may come into one of them
    assert many < 25 * _seconds_for(50_000)  # eight times as many


def _seconds_for(parts: int) -> float:
    """Of processor time, to read so many parts of a message."""
    data = b'data: {"choices":[{"delta":{"content":[' + b",".join([b'"a"'] * parts) + b"]}}]}\n\n"
    reader, began = AnswerReader(), time.process_time()
    assert reader.feed(data) == ["a" * parts]
    return time.process_time() - began


def test_parts_within_parts_beyond_measure_are_malformed() -> None:
    reader = AnswerReader()
    nested = b"[" * 700 + b'"a"' + b"]" * 700

    assert reader.feed(b'data: {"choices":[{"delta":{"content":' + nested + b"}}]}\n\n") == []
    assert reader.failure is not None
    assert reader.failure.code is FailureCode.MALFORMED_ANSWER
