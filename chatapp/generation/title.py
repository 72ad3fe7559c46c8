"""The title that a conversation gets from its first question."""

import re

import regex

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
_SHOWN = regex.compile("[\u200c\u200d\U000e0020-\U000e007f]")
"""Not printable, but part of words in Persian and Hindi, and of emoji: joiners, and the letters of a flag's region."""

_CHARACTER = regex.compile(r"\X")
"""What a person sees as one character, which may be many code points."""


def title_from(question: str) -> str:
    """The first words of the question, without its Markdown: the title until there is a better one."""
    text = plain(question) or question
    line = " ".join("".join(char if char.isprintable() or _SHOWN.match(char) else " " for char in text).split())
    if len(line) <= LENGTH:
        return line
    ends = (character.end() for character in _CHARACTER.finditer(line[: LENGTH + 1]))
    cut = line[: max((end for end in ends if end <= LENGTH), default=LENGTH)]
    return cut[: cut.rfind(" ")].rstrip() + "…" if " " in cut[20:] else cut + "…"


def plain(text: str) -> str:
    """The beginning of the text, without the signs of Markdown that are no words."""
    text = text.lstrip()[:_READ]
    for sign, kept in _MARKDOWN:
        text = sign.sub(kept, text)
    return text.strip()
