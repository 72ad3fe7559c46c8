"""The title that a conversation gets from its first question."""

from __future__ import annotations

import re
import unicodedata

LENGTH = 60
_READ = 2000
"""Characters that are looked at. In 100,000 that were made for it, looking for Markdown would take minutes."""

_MARKDOWN = [
    (re.compile(r"^\s*(```|~~~).*$", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\[\]]+)\]\([^()\s]+\)"), r"\1"),
    (re.compile(r"^\s{0,3}(#{1,6}|>|[-*+]|\d{1,3}[.)])\s+", re.MULTILINE), ""),
    (re.compile(r"(\*\*|__|~~|`+)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<!\w)([*_])(?=\S)([^*_\n]+?)(?<=\S)\1(?!\w)"), r"\2"),
]
_JOINER = "\u200d"
_JOINERS = "\u200c" + _JOINER
"""Not printable themselves, but part of words in Persian and Hindi, and of emoji."""
_FLAG_LETTERS = "".join(map(chr, range(0x1F1E6, 0x1F200)))
_MARKS = {"Mn", "Mc", "Me"}
"""Categories of what changes the character before it: accents, the keycap, the selectors of how an emoji looks."""


def title_from(question: str) -> str:
    """The first words of the question, without its Markdown: the title until there is a better one."""
    line = " ".join("".join(char if _shown(char) else " " for char in plain(question) or question).split())
    if len(line) <= LENGTH:
        return line
    cut = line[: _cut_at(line)]
    return cut[: cut.rfind(" ")].rstrip() + "…" if " " in cut[20:] else cut + "…"


def plain(text: str) -> str:
    """The beginning of the text, without the signs of Markdown that are no words."""
    text = text.lstrip()[:_READ]
    for sign, kept in _MARKDOWN:
        text = sign.sub(kept, text)
    return text.strip()


def _shown(char: str) -> bool:
    return char.isprintable() or char in _JOINERS or _is_tag(char)


def _cut_at(line: str) -> int:
    """Where to cut the line so that what is shown as one character stays whole."""
    at = LENGTH
    while at > 0 and _is_one(line, at):
        at -= 1
    return at or LENGTH


def _is_one(line: str, at: int) -> bool:
    """Whether the characters before and at this place are shown as one."""
    before, char = line[at - 1], line[at]
    if before == _JOINER or char in _JOINERS or unicodedata.category(char) in _MARKS:
        return True
    if "\U0001f3fb" <= char <= "\U0001f3ff" or _is_tag(char):  # a skin tone; the region in a flag
        return True
    letters = len(line[:at]) - len(line[:at].rstrip(_FLAG_LETTERS))
    return char in _FLAG_LETTERS and letters % 2 == 1  # a flag is a pair of them


def _is_tag(char: str) -> bool:
    return "\U000e0020" <= char <= "\U000e007f"
