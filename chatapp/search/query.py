"""Reads what a person typed into the search field.

What looks like a filter but is not one is text, and special characters are never operators: they separate words, as
they do in messages.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from chatapp.errors import Invalid
from chatapp.models.chat_models import Role
from chatapp.models.reasons import FaultReason
from chatapp.search.tokens import TOKEN_CHARS, Indexed, Piece, pairs, pieces

MOST_WORDS = 32

_TERM = re.compile(
    r'(?P<name>[A-Za-z]+):(?:"(?P<quoted>[^"]+)"|(?P<value>[^\s"]+))|"(?P<phrase>[^"]*)"|(?P<text>[^\s"]+)|"'
)
_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{2}))?(?:-([0-9]{2}))?")
_FLAGS = {
    ("in", "title"): "in_title",
    ("in", "trash"): "in_trash",
    ("is", "starred"): "starred",
    ("has", "code"): "code",
}
_NAMES = ("tag", "project", "model")


@dataclass(frozen=True, slots=True)
class Clause:
    """What a message must have: ``literal`` in its indexed text.

    What has it, has all of ``tokens`` as well, and one that begins with ``prefix``: they lead to it. If it ``is_told``,
    there is only one of these, and it says the same.
    """

    literal: str
    tokens: tuple[str, ...] = ()
    prefix: str = ""
    is_told: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """A word, or several pieces that stand together: a phrase in quotes, or ``some/path.py``.

    ``is_open``: the last piece may be the beginning of a word. ``is_inside``: it may be any part of one.
    """

    pieces: tuple[Piece, ...]
    is_open: bool = False
    is_inside: bool = False

    @property
    def clause(self) -> Clause:
        """What a message must have."""
        text = " ".join(piece.text for piece in self.pieces)
        if self.is_inside:
            return Clause(text)
        first, last = self.pieces[0], self.pieces[-1]
        literal = f"{'' if first.is_run else ' '}{text}{'' if last.is_run or self.is_open else ' '}"
        tokens: list[str] = []
        prefix = ""
        for piece in self.pieces:
            if piece.is_run and len(piece.text) > 1:
                tokens += pairs(piece.text)
            elif piece.is_run or (self.is_open and piece is last and len(piece.text) < TOKEN_CHARS):
                prefix = piece.text
            else:
                tokens.append(piece.text[:TOKEN_CHARS])
        is_told = first is last and len(tokens) + bool(prefix) == 1 and len(last.text) < TOKEN_CHARS
        return Clause(literal, tuple(tokens), prefix, is_told)


@dataclass(frozen=True, slots=True)
class Filters:
    """What else a message must be: all of it. ``None``, ``False`` and ``()`` ask for nothing.

    Of what a message has only one, any that is named will do; it must have all of the tags.
    """

    roles: tuple[Role, ...] = ()
    tags: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    before: datetime | None = None
    after: datetime | None = None
    in_title: bool = False
    in_trash: bool = False
    starred: bool = False
    code: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: all of it must be true of a message."""

    asked: tuple[Asked, ...] = ()
    filters: Filters = field(default_factory=Filters)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for, so that nothing is found."""
        return not self.asked and self.filters == Filters()

    def matches(self, indexed: Indexed) -> bool:
        """Whether a message with this text has all that is asked for, apart from the filters."""
        return all(one.clause.literal in indexed.text for one in self.asked)


def read_query(text: str, *, inside_words: bool = False) -> Query:
    """What the text asks for. A word at its very end may be the beginning of one that is still being typed.

    Raises:
        Invalid: these are more than ``MOST_WORDS`` words.
    """
    filters = Filters()
    asked: list[Asked] = []
    for term in _TERM.finditer(text.translate(_QUOTES)):
        more = _with_filter(filters, (term["name"] or "").lower(), term["quoted"] or term["value"] or "")
        if more is not None:
            filters = more
        elif found := tuple(pieces(term["phrase"] or term[0])):
            is_open = term["phrase"] is None and term.end() == len(text)
            asked.append(Asked(found, is_open, inside_words))
    if sum(len(one.pieces) for one in asked) > MOST_WORDS:
        raise Invalid.field("q", FaultReason.TOO_MANY, f"These are more than {MOST_WORDS} words.", MOST_WORDS)
    return Query(tuple(asked), filters)


def _with_filter(filters: Filters, name: str, value: str) -> Filters | None:
    """``filters`` with one more; ``None`` where it is not a filter."""
    change: dict[str, Any] = {}
    plain = value.lower()
    if (name, plain) in _FLAGS:
        change = {_FLAGS[name, plain]: True}
    elif name in _NAMES:
        change = {f"{name}s": (*getattr(filters, f"{name}s"), value)}
    elif name == "role" and plain in list(Role):
        change = {"roles": (*filters.roles, Role(plain))}
    elif name == "before" and (moment := _moment(value)) is not None:
        change = {name: min(moment, filters.before or moment)}
    elif name == "after" and (moment := _moment(value)) is not None:
        change = {name: max(moment, filters.after or moment)}
    return replace(filters, **change) if change else None


def _moment(value: str) -> datetime | None:
    """The beginning of a year, a month or a day in UTC."""
    found = _DATE.fullmatch(value)
    if found is None:
        return None
    year, month, day = (int(part or 1) for part in found.groups())
    try:
        return datetime(year, month, day, tzinfo=UTC)
    except ValueError:
        return None
