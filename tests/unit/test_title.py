from __future__ import annotations

import pytest

from chatapp.generation.title import LENGTH, plain, title_from

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466"
WAVE = "\U0001f44b\U0001f3fd"
HEART = "\u2764\ufe0f"
KEYCAP = "1\ufe0f\u20e3"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
GERMANY = "\U0001f1e9\U0001f1ea"
ACCENT = "e\u0301"


@pytest.mark.parametrize("whole", [FAMILY, WAVE, HEART, KEYCAP, ENGLAND, GERMANY, ACCENT])
def test_a_title_never_cuts_what_is_shown_as_one_character(whole: str) -> None:
    for before in range(len(whole)):
        title = title_from("x" * before + whole * LENGTH)
        assert title == "x" * before + whole * title.count(whole) + "…"
        assert LENGTH - len(whole) < len(title) - 1 <= LENGTH


def test_a_title_of_words_ends_with_a_whole_word() -> None:
    assert title_from("Why is the sky blue?\n\nTell me\x07 in short") == "Why is the sky blue? Tell me in short"
    assert title_from("word " * 40) == " ".join(["word"] * 12) + "…"


def test_marks_without_end_are_cut_all_the_same() -> None:
    assert title_from("e" + "\u0301" * 500) == "e" + "\u0301" * (LENGTH - 1) + "…"


@pytest.mark.parametrize("slow", ["\n", "**a ", "__a ", "`a "])
def test_only_the_beginning_of_a_long_text_is_looked_at(slow: str) -> None:
    assert plain("Why? " + slow * 3000).count(slow) < 2000 / len(slow)
    assert title_from("\n" * 5000 + "Why?") == "Why?"


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("# Why?\nTell me", "Why? Tell me"),
        ("**Why** is `x_y` *so* blue", "Why is x_y so blue"),
        ("> quoted\n- first\n2. second", "quoted first second"),
        ("see [the page](https://example.org/a) and ![a cat](cat.png)", "see the page and a cat"),
        ("```python\nprint(1)\n```", "print(1)"),
        ("2 * 3 * 4 = snake_case_name", "2 * 3 * 4 = snake_case_name"),
        ("***", "***"),
    ],
)
def test_a_title_has_no_markdown(question: str, title: str) -> None:
    assert title_from(question) == title
