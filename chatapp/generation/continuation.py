"""Going on with an answer where the provider writes a new message instead of continuing the last one.

It is asked to repeat the last words and to go on; what it repeats is cut. A provider that was not asked to, or does
something else, is handled as well: whatever repeats the end of the old text, or all of it, is cut.
"""

from collections.abc import Iterator

from chatapp.providers.chat import Finish, Piece, PromptMessage

_QUOTED = 80
"""How much of the old text's end the provider is asked to repeat, in characters."""

_LONGEST_OVERLAP = 400
_SHORTEST_OVERLAP = 8
"""Characters. A shorter repetition may be meant."""

_REQUEST = """\
Your last answer was cut off. Continue it. Begin by repeating its last words exactly as they stand between the lines, \
then go on from there as if you had never stopped. Write nothing else: no introduction, no comment.
---
{}
---"""


def request_to_continue(old: str) -> PromptMessage:
    """The message that asks for the rest of an answer of which ``old`` is there."""
    quoted = old[-_QUOTED:]
    return {"role": "user", "content": _REQUEST.format(quoted.lstrip() if len(old) > _QUOTED else quoted)}


def joined_to(old: str, pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces that come after ``old``, without what repeats its end."""
    joint = Joint(old)
    for piece in pieces:
        if isinstance(piece, Finish) and (rest := joint.rest()):
            yield rest
        shown = joint.feed(piece) if isinstance(piece, str) else piece
        if shown:
            yield shown


class Joint:
    """Joins new text to ``old``: takes pieces, and gives what comes after ``old``, without what repeats its end."""

    def __init__(self, old: str) -> None:
        self._old = old
        self._new = ""
        shortest = min(_SHORTEST_OVERLAP, len(old))
        self._starts = sorted({0, *range(max(0, len(old) - _LONGEST_OVERLAP), len(old) - shortest + 1)})
        self._joined = False

    def feed(self, piece: str) -> str:
        """What can be shown after this piece; empty while the new text may still turn out to repeat the old."""
        if self._joined:
            return piece
        self._new += piece if self._new else piece.lstrip("\n")
        self._starts = [start for start in self._starts if self._agrees(start)]
        if self._starts and len(self._new) < len(self._old) - self._starts[0]:
            return ""
        return self.rest()

    def rest(self) -> str:
        """What is left to be shown when no more text comes."""
        if self._joined:
            return ""
        self._joined = True
        repeated = next((len(self._old) - start for start in self._starts if self._is_repeated(start)), 0)
        if repeated or not self._new:
            return self._new[repeated:]
        return _space_between(self._old, self._new) + self._new

    def _agrees(self, start: int) -> bool:
        length = min(len(self._new), len(self._old) - start)
        return self._old[start : start + length] == self._new[:length]

    def _is_repeated(self, start: int) -> bool:
        return len(self._new) >= len(self._old) - start


def _space_between(old: str, new: str) -> str:
    """A space where two words would become one, in scripts that put spaces between words."""
    before, after = old[-1:], new[0]
    is_word_end = before in ".,;:!?" or _is_spaced(before)
    return " " if before and is_word_end and _is_spaced(after) else ""


def _is_spaced(char: str) -> bool:
    return char.isdigit() or char.lower() != char.upper()
