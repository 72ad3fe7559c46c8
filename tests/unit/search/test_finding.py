"""What a query finds in a text, compared with plain reading."""

from __future__ import annotations

import re
import unicodedata
from itertools import accumulate

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from chatapp.errors import Invalid
from chatapp.models.chat_models import Role
from chatapp.search.query import MOST_WORDS, Filters, read_query
from chatapp.search.snippets import snippet
from chatapp.search.tokens import TOKEN_CHARS, index, pieces, pieces_with

WORDS = st.one_of(
    st.text("abcABéÉßøñ12", min_size=1, max_size=8),
    st.text("日本語東京テストガ", min_size=1, max_size=6),
    st.text("สวัสดีครับ", min_size=1, max_size=6),
    st.text("שלוםАбвέΣς한국어हिन्दी", min_size=1, max_size=6),
    st.sampled_from(
        ["👨‍👩‍👧", "👍🏽", "🇩🇪", "❤️", "getUserName", "snake_case", "a/b.py", "3.14", "don't", "C:\\x", "x" * 99]
    ),
)
TEXTS = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


def finds(query: str, text: str, *, inside_words: bool = False) -> bool:
    """By the text alone, and so by what leads to it."""
    read, indexed = read_query(query, inside_words=inside_words), index(text)
    matches = bool(read.asked) and read.matches(indexed)
    clauses = [one.clause for one in read.asked]
    tokens = {token for clause in clauses for token in clause.tokens}
    prefixes = [clause.prefix for clause in clauses]
    is_led_to = tokens <= {*indexed.tokens} and all(any(one.startswith(p) for one in indexed.tokens) for p in prefixes)
    assert is_led_to or not matches, "what matches is reached by every token and prefix"
    if len(clauses) == 1 and clauses[0].is_told:
        assert matches == is_led_to
    return matches


def is_something(word: str) -> bool:
    return bool(index(word).tokens)


@given(TEXTS, st.data())
def test_every_word_prefix_and_phrase_of_a_text_finds_it(text: str, data: st.DataObject) -> None:
    words = [word for word in text.split() if is_something(word)]
    if not words:
        return
    at = data.draw(st.integers(0, len(words) - 1))
    until = data.draw(st.integers(at + 1, len(words)))
    characters = regex.findall(r"\X", words[at])
    beginning = "".join(characters[: data.draw(st.integers(1, len(characters)))])

    assert finds(words[at] + " ", text)
    assert finds(words[at].upper(), text) or words[at].upper().lower() != words[at].lower()
    assert finds(f'"{" ".join(words[at:until])}"', text)
    assert finds(" ".join(words[at:until]), text)
    assert finds(beginning, text) or not is_something(beginning)
    assert finds(words[at], text, inside_words=True)


@given(st.text("abcé \n.-ÀB", max_size=30), st.text("abcé", min_size=1, max_size=3))
@example("AB a", "b")
def test_words_are_found_exactly_where_a_plain_scan_finds_them(text: str, asked: str) -> None:
    lower = text.lower()
    if text != lower:
        text = lower.upper()  # no word of several parts
    plain = "".join(char for char in unicodedata.normalize("NFD", lower) if not unicodedata.combining(char))
    bare = "".join(char for char in unicodedata.normalize("NFD", asked) if not unicodedata.combining(char))
    words = re.findall("[a-z]+", plain)

    assert finds(asked + " ", text) == (bare in words)
    assert finds(asked, text) == any(word.startswith(bare) for word in words)
    assert finds(asked, text, inside_words=True) == any(bare in word for word in words)


@given(st.text("日本語テ。 ", max_size=20), st.text("日本語テ", min_size=1, max_size=4))
def test_scripts_without_spaces_are_found_exactly_where_a_plain_scan_finds_them(text: str, asked: str) -> None:
    assert finds(asked, text) == (asked in text)


@given(st.lists(st.sampled_from("abc"), max_size=8), st.lists(st.sampled_from("abc"), min_size=1, max_size=3))
def test_phrases_are_found_exactly_where_their_words_stand_together(text: list[str], asked: list[str]) -> None:
    together = any(text[at : at + len(asked)] == asked for at in range(len(text)))

    assert finds(f'"{" ".join(asked)}"', " ".join(text)) == together


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("user", "getUserName()"),
        ("getuser", "getUserName()"),
        ("GETUSERNAME", "getUserName()"),
        ("http", "HTTPServer"),
        ("server ", "HTTPServer"),
        ("utf", "utf8"),
        ("snake_ca", "a snake_case name"),
        ("case", "a snake_case name"),
        ("tests/unit", "see chatapp/tests/unit/test_x.py"),
        ("test_x.py", "see chatapp/tests/unit/test_x.py"),
        ("strasse", "Straße"),
        ("Lodz", "Łódź"),
        ("cafe", "cafe\u0301"),
        ("café", "CAFE"),
        ("가", "한국 가방"),
        ("ガ", "ｶﾞ"),
        ("“quick fox”", "the quick fox"),
        ("❤", "I ❤️ it"),
        ("שלום", "שָׁלוֹם"),
        ("2026-11-27", "on 2026-11-27 it"),
        ('"unclosed quo', "an unclosed quotation"),
        ("%25 .* $where foo", "foo where 25"),
    ],
)
def test_found(query: str, text: str) -> None:
    assert finds(query, text)


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("user ", "users"),
        ("ser", "user"),
        ('"fox quick"', "the quick fox"),
        ("snake.case", "case snake"),
        (".*", "anything"),
        ("%", "100% of it"),
        ("が", "か"),
        ('"name http"', "getUserName http"),
        ("本日", "日本"),
        ("x" * (TOKEN_CHARS + 5) + "y", "x" * (TOKEN_CHARS + 9)),
    ],
)
def test_not_found(query: str, text: str) -> None:
    assert not finds(query, text)


def test_filters_are_read_and_what_is_none_is_text() -> None:
    query = read_query('role:user tag:"my trip" before:2026-02 in:trash role:x is:y after:2026-13 http://a')

    assert (query.filters.roles, query.filters.tags, query.filters.in_trash) == (("user",), ("my trip",), True)
    assert query.filters.before is not None
    assert query.filters.before.isoformat() == "2026-02-01T00:00:00+00:00"
    assert query.filters.after is None
    assert [" ".join(piece.text for piece in one.pieces) for one in query.asked] == [
        "role x",
        "is y",
        "after 2026 13",
        "http a",
    ]


def test_filters_may_be_written_in_any_case() -> None:
    query = read_query("Role:User Tag:Tea IN:TRASH Is:starred Has:Code Tea:")

    assert query.filters == Filters(roles=(Role.USER,), tags=("Tea",), in_trash=True, starred=True, code=True)
    assert len(query.asked) == 1


def test_too_many_words_are_refused() -> None:
    read_query("a " * MOST_WORDS)
    with pytest.raises(Invalid) as refused:
        read_query("a " * (MOST_WORDS + 1))

    assert refused.value.fields["q"][0].reason == "too_many"


def characters(text: str) -> set[str]:
    """What is shown as one character each. White space is trimmed, also where a mark stands on it."""
    return {character.strip() for character in regex.findall(r"\X", text)}


@given(TEXTS, st.text("abcé👨‍👩‍👧🏽🇩🇪กำนี้\n ", max_size=300), WORDS, st.booleans())
def test_highlights_never_cut_a_character_and_mark_what_was_asked(
    before: str, after: str, word: str, inside: bool
) -> None:
    text = f"{before} {word} {after}"
    shown = snippet(read_query(word, inside_words=inside), text)
    units = shown.text.encode("utf-16-le")
    ends, at = {0}, 0
    for character in regex.findall(r"\X", shown.text):
        at += len(character.encode("utf-16-le")) // 2
        ends.add(at)

    assert all(start < end and start in ends and end in ends for start, end in shown.highlights)
    assert list(shown.highlights) == sorted(shown.highlights)
    assert shown.highlights or not is_something(word)
    for start, end in shown.highlights:
        units[start * 2 : end * 2].decode("utf-16-le")
    whole = characters(text.translate(str.maketrans("\n", " ")))
    assert characters(shown.text.strip("…")) <= whole | {""}


@pytest.mark.parametrize(
    "text",
    [
        many + between + "needle" + between + many
        for many in ("🇩🇪" * 300, "e" + "\u0301" * 400, "👩" + "\u200d👩" * 400)
        for between in (".", "..")
    ]
    + ["hay\r\nhay " * 9 + "needle", "hay \u200dhay " * 9 + "needle"],
    ids=["flags", "flags.", "marks", "marks.", "emoji", "emoji.", "line ends", "joined spaces"],
)
def test_a_snippet_cuts_no_character_however_many_code_points_it_has(text: str) -> None:
    shown = snippet(read_query("needle"), text)

    in_one_line = [character.replace("\r\n", "  ") for character in regex.findall(r"\X", text)]
    starts = list(accumulate(map(len, in_one_line), initial=0))
    core = shown.text.strip("…")
    at = "".join(in_one_line).index(core)
    assert {at, at + len(core)} <= {*starts}
    assert shown.highlights


def test_a_snippet_shows_the_place_that_was_found_in_one_line() -> None:
    shown = snippet(read_query("needle"), "hay\n" * 200 + "the needle\nhere " + "hay\n" * 200)

    (mark,) = shown.highlights
    assert shown.text[mark[0] : mark[1]] == "needle"
    assert shown.text.startswith("…hay")
    assert shown.text.endswith("…")
    assert len(shown.text) < 260
    assert "\n" not in shown.text


def test_a_snippet_does_not_end_within_a_word_that_was_found() -> None:
    shown = snippet(read_query("nee"), f"needle {'hay ' * 48}needle {'hay ' * 48}")

    assert [shown.text[start:end] for start, end in shown.highlights] == ["needle", "needle"]


@given(st.lists(WORDS, max_size=12).map(". ".join), st.lists(WORDS, min_size=1, max_size=3))
@example("\u212aelvin Straße. KELVIN", ["kelvin", "strasse"])
def test_no_piece_with_a_word_is_passed_over(text: str, words: list[str]) -> None:
    asked = {piece.text for word in words for piece in pieces(word)}
    having = [piece for piece in pieces(text) if any(word in piece.text for word in asked)]
    seen = list(pieces_with(asked, text))

    assert [piece for piece in seen if piece in having] == having
    assert all(piece in list(pieces(text)) for piece in seen)


def test_a_phrase_is_marked_only_where_nothing_stands_between_its_words() -> None:
    shown = snippet(read_query('"red fox"'), "a red, quick fox and a red — fox")

    assert [shown.text[start:end] for start, end in shown.highlights] == ["red", "fox"]
    assert shown.highlights[0][0] == 23


@pytest.mark.parametrize(
    "text",
    [
        "a" + "\u0e48\u0e38" * 1000,
        "ส" + "\u0e48\u0e38" * 1000,
        "a" + "\u0e48\u0e38\u00ad" * 1000,
        "ガ" + ("\u0e48\u0e38" * 8 + "\uff9e") * 100,
        "a" + ("\u0e48\u0e38" * 8 + "\ufc5e") * 100,
    ],
    ids=["of a letter", "of a run", "with what is invisible", "that are letters", "of letters that are spaces"],
)
def test_marks_without_end_are_not_brought_in_order(text: str) -> None:
    """In Unicode's normal forms, that takes a time that grows with the square of their number."""
    assert len(index(text).text) < 50


def test_what_is_found_at_the_end_of_a_word_without_end_is_marked_while_somebody_waits() -> None:
    """Read anew for each of its letters, it would take half an hour."""
    shown = snippet(read_query("end"), "end " + "a" * 1_000_000 + "end")

    assert shown.highlights == ((0, 3),)
