"""Shows what was found: a piece of the text around it, and where in it the words are."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import regex

from chatapp.search.query import Asked, Query
from chatapp.search.tokens import TOKEN_CHARS, Piece, pieces, pieces_with

SNIPPET_CHARS = 200
_BEFORE = 60
"""Characters that a snippet shows before the first word that was found."""

_CHARACTER = regex.compile(r"\X")
_PLAIN = regex.compile(r"(?r)[[\p{GCB=Other}\p{Cc}]--[\p{Extended_Pictographic}\p{InCB=Consonant}]]", regex.V1)
"""What always begins a character."""
_LOOK_BACK, _FURTHEST_BACK = 20, 2_000
"""From so far back the ends of characters are looked for, and from farther back where there are only marks and emoji:
one character may consist of hundreds of those."""

_SPACES = str.maketrans(dict.fromkeys("\t\n\r\x0b\x0c\x85\u2028\u2029", " "))


@dataclass(frozen=True, slots=True)
class Snippet:
    """One line of text. ``highlights`` are ``[start, end)`` in UTF-16 code units, in order, none inside a character."""

    text: str
    highlights: tuple[tuple[int, int], ...]


def snippet(query: Query, text: str) -> Snippet:
    """The text around the first thing that was asked for, or its beginning if nothing of it is there."""
    spots: set[tuple[int, int]] = set()
    for spot in _spots(query, text):
        spots.add(spot)
        if spot[0] > min(spots)[0] + SNIPPET_CHARS:
            break
    first = min(spots)[0] if spots else 0
    start = _whole_characters(text, max(0, first - _BEFORE))[0]
    if start:
        start = next((_whole_characters(text, at + 1)[1] for at in range(start, first) if text[at].isspace()), start)
    end = max(start + SNIPPET_CHARS, first + 1)
    end = min(len(text), max([end, *(min(b, end + TOKEN_CHARS) for a, b in spots if a < end)]))  # no found word is cut
    end = _whole_characters(text, end)[1] if end < len(text) else end
    lead, tail = "…" if start else "", "…" if end < len(text) else ""
    shown = text[start:end].translate(_SPACES)
    within = [
        (max(a, start), min(b, end)) for a, b in (_rounded(text, spot) for spot in spots) if a < end and b > start
    ]
    offset = len(lead) - start
    line = f"{lead}{shown}{tail}"
    return Snippet(line, tuple((_utf16(line, a + offset), _utf16(line, b + offset)) for a, b in _merged(within)))


def _spots(query: Query, text: str) -> Iterator[tuple[int, int]]:
    """What was asked for, in the order in which it ends."""
    counts = [len(asked.pieces) for asked in query.asked]
    words = {piece.text for asked in query.asked for piece in asked.pieces}
    last: deque[Piece] = deque(maxlen=max(counts, default=1))
    for piece in pieces_with(words, text) if counts else ():
        last.append(piece)
        for asked, count in zip(query.asked, counts, strict=True):
            if not _is_asked(asked, asked.pieces[-1], piece) or len(last) < count:
                continue
            here = list(last)[-count:]
            if all(_is_asked(asked, wanted, one) for wanted, one in zip(asked.pieces, here, strict=True)):
                if any(any(pieces(text[one.end : two.start])) for one, two in pairwise(here)):
                    continue
                for wanted, one in zip(asked.pieces, here, strict=True):
                    yield from _inside(wanted, one) if one.is_run else [(one.start, one.end)]


def _is_asked(asked: Asked, wanted: Piece, piece: Piece) -> bool:
    if asked.is_inside or wanted.is_run:
        return wanted.text in piece.text
    if wanted.text == piece.text or wanted.text in piece.parts:
        return True
    is_open = asked.is_open and wanted is asked.pieces[-1]
    return is_open and any(name.startswith(wanted.text) for name in (piece.text, *piece.parts))


def _inside(wanted: Piece, run: Piece) -> Iterator[tuple[int, int]]:
    """Where the run has it; the whole run if its characters are not those of the text."""
    if len(run.text) != run.end - run.start:
        yield run.start, run.end
        return
    at = run.text.find(wanted.text)
    while at >= 0:
        yield run.start + at, run.start + at + len(wanted.text)
        at = run.text.find(wanted.text, at + len(wanted.text))


def _rounded(text: str, spot: tuple[int, int]) -> tuple[int, int]:
    return _whole_characters(text, spot[0])[0], _whole_characters(text, spot[1])[1]


def _whole_characters(text: str, at: int) -> tuple[int, int]:
    """The nearest places before and after ``at`` that are not inside a character; ``at`` itself if it is not."""
    if not 0 < at < len(text) or (text[at].isascii() and text[at - 1].isascii() and text[at] != "\n"):
        return at, at
    furthest = max(0, at - _FURTHEST_BACK)
    plain = _PLAIN.search(text, furthest, max(0, at - _LOOK_BACK))
    for character in _CHARACTER.finditer(text, plain.start() if plain else furthest):
        if character.end() >= at:
            return (at, at) if character.end() == at else (character.start(), character.end())
    return at, at


def _merged(spots: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without overlaps."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spots):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _utf16(text: str, at: int) -> int:
    return len(text[:at].encode("utf-16-le")) // 2
