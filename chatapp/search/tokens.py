"""Cuts text into tokens: one way for what is stored and for what is asked.

Case, accents and Unicode's variants of the same letter make no difference. Words are runs of letters and digits; parts
of ``camelCase`` and ``abc123`` are tokens, too. Scripts that put no spaces between words become pairs of characters,
and each emoji is a token. All other characters only separate.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Literal

import regex

TOKEN_CHARS = 64
"""Longer words are one token of their first characters, so that nobody's key or hash takes much of the index."""

MAX_TOKENS = 50_000
"""Of one message. MongoDB takes 100,000 keys of a document; what is beyond is not found by its words."""

_MOST_PARTS = 8

_SPACELESS = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\u30FC\uFF70\uFF9E\uFF9F"
_INSIDE = r"\p{M}\u00AD\u200C\u200D"
"""Marks on letters, and what is invisible inside of words."""

_COARSE = re.compile(r"[0-9A-Za-z\x80-\U0010FFFF]+")
"""Quick to find: ASCII words are what they are, anything else is looked at closely."""

_PIECE = regex.compile(
    rf"(?P<run>[[{_SPACELESS}]&&[\p{{L}}\p{{Nl}}]][{_SPACELESS}\p{{M}}]*)"
    rf"|(?P<word>[[\p{{L}}\p{{N}}]--[{_SPACELESS}]][[\p{{L}}\p{{N}}{_INSIDE}]--[[{_SPACELESS}]&&[\p{{L}}\p{{Nl}}]]]*)"
    r"|(?P<symbol>\p{So}|\p{Extended_Pictographic})",
    regex.V1,
)
_NOT_KEPT = regex.compile(r"[^\p{L}\p{N}\p{M}]")
_TOO_MANY_MARKS = regex.compile(rf"(?<=[{_INSIDE}\uFF9E\uFF9F]{{16}})[{_INSIDE}\uFF9E\uFF9F]+")
"""No letter has so many. Unicode's forms put them in order, which would take minutes for 100,000."""
_PART = regex.compile(r"\p{Lu}+(?=\p{Lu}\p{Ll})|\p{Lu}?[^\p{Lu}\p{N}]+|\p{Lu}+|\p{N}+")

# Letters that Unicode does not take apart into a plain one and a mark.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"})


@dataclass(frozen=True, slots=True)
class Piece:
    """A word, a run of a script without spaces, or a symbol, at ``[start, end)`` of the text.

    ``parts`` are what a word is made of, if that is more than one thing.
    """

    text: str
    start: int
    end: int
    is_run: bool
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is stored of a text to find it: tokens, and all pieces in their order, each between spaces.

    The parts of words stand behind them on lines of their own.
    """

    tokens: list[str]
    text: str


def fold(text: str) -> str:
    """Without case, accents, and variants of form; only letters, digits and what belongs to them is kept.

    Marks that make another letter of it stay: those of Japanese, Thai and the scripts of India.
    """
    if text.isascii():
        return text.lower()
    decomposed = _normalized("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not _is_accent(char)).casefold().translate(_PLAIN)
    return _normalized("NFC", _NOT_KEPT.sub("", bare))


def _normalized(form: Literal["NFC", "NFKD"], text: str) -> str:
    return unicodedata.normalize(form, _TOO_MANY_MARKS.sub("", text))


def pieces(text: str) -> Iterator[Piece]:
    """What the text consists of, in order."""
    return chain.from_iterable(map(_placed, _COARSE.finditer(text)))


def pieces_with(words: Iterable[str], text: str) -> Iterator[Piece]:
    """The pieces that may have one of these folded words in them, in order. It passes most others at the speed of C."""
    likely = re.compile("|".join([r"[\x80-\U0010FFFF]", *(f"(?i:{re.escape(word)})" for word in words)]))
    at = 0
    while (found := likely.search(text, at)) and (coarse := _COARSE.match(text, _word_start(text, found.start()))):
        yield from _placed(coarse)
        at = coarse.end()


def _word_start(text: str, at: int) -> int:
    while at and _COARSE.match(text, at - 1, at):
        at -= 1
    return at


def _placed(coarse: re.Match[str]) -> Iterator[Piece]:
    at = coarse.start()
    for piece in _cut(coarse[0]):
        yield Piece(piece.text, piece.start + at, piece.end + at, piece.is_run, piece.parts)


def _cut(raw: str) -> tuple[Piece, ...]:
    return _remembered(raw) if len(raw) <= TOKEN_CHARS else _pieces_of(raw)


def _pieces_of(raw: str) -> tuple[Piece, ...]:
    """The pieces of a stretch without ASCII separators."""
    if raw.isascii():
        return (Piece(raw.lower(), 0, len(raw), is_run=False, parts=_parts(raw)),)
    return tuple(
        Piece(folded, found.start(), found.end(), found.lastgroup == "run", _parts(found[0]))
        for found in _PIECE.finditer(raw)
        if (folded := found[0] if found.lastgroup == "symbol" else fold(found[0]))
    )


_remembered = lru_cache(maxsize=20_000)(_pieces_of)
"""People repeat words: this makes it twice as fast."""


def tokens_of(piece: Piece) -> tuple[str, ...]:
    """What a piece is found by. Of a run: each pair of characters, and the last one, so that each begins a token."""
    if not piece.is_run:
        return (piece.text[:TOKEN_CHARS], *piece.parts)
    return (*pairs(piece.text), piece.text[-1])


def pairs(run: str) -> tuple[str, ...]:
    """Each character with the one after it."""
    return tuple(run[at : at + 2] for at in range(len(run) - 1))


def index(text: str) -> Indexed:
    """What is stored to find the text."""
    found: set[str] = set()
    parts: dict[str, None] = {}
    words = []
    for piece in chain.from_iterable(map(_cut, _COARSE.findall(text))):
        words.append(piece.text)
        if len(found) < MAX_TOKENS:
            found.update(tokens_of(piece))
            parts.update(dict.fromkeys(piece.parts))
    lines = [" ".join(words), *parts]
    return Indexed(sorted(found), f" {f' {chr(10)} '.join(lines)} " if words else "")


def _parts(word: str) -> tuple[str, ...]:
    if len(word) > TOKEN_CHARS or word.isdecimal() or (word.isalpha() and (word.isupper() or word[1:].islower())):
        return ()
    parts = tuple(part for part in map(fold, _PART.findall(word)) if part)
    return parts if 1 < len(parts) <= _MOST_PARTS else ()


def _is_accent(char: str) -> bool:
    """By the canonical combining class: overlays, points of Hebrew and Arabic, and marks above and below."""
    combining = unicodedata.combining(char)
    return combining == 1 or 10 <= combining <= 36 or combining >= 200
