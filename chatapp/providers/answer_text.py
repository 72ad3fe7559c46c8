"""Repairs the text of an answer, and takes the reasoning out of it, wherever the provider cuts it into pieces."""

from enum import Enum, auto

Part = tuple[bool, str]
"""Whether it is reasoning, and the text."""

_TAGS = {"<think>": "</think>", "[THINK]": "[/THINK]"}
"""What models put around their reasoning: most of them, and Mistral's. Some servers leave it in the text."""


class Surrogates:
    """Joins surrogate pairs that were split between two pieces. Half a pair becomes U+FFFD."""

    __slots__ = ("_high",)

    def __init__(self) -> None:
        self._high = ""

    def feed(self, text: str) -> str:
        """As much of the text so far as has no half of a pair at its end."""
        if self._high:
            text, self._high = self._high + text, ""
        elif text.isascii():
            return text
        if "\ud800" <= text[-1] <= "\udbff":
            text, self._high = text[:-1], text[-1]
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    def end(self) -> str:
        """What is still held back."""
        half, self._high = self._high, ""
        return "\ufffd" if half else ""


class _Place(Enum):
    BEFORE = auto()
    INSIDE = auto()
    BETWEEN = auto()
    AFTER = auto()


class ThinkTags:
    """Separates reasoning in tags at the beginning of a text from the answer after it."""

    __slots__ = ("_close", "_held", "_place")

    def __init__(self) -> None:
        self._held = ""
        self._close = ""
        self._place = _Place.BEFORE

    def feed(self, text: str) -> list[Part]:
        """As much of the text so far as is certain to be one or the other."""
        if self._place is _Place.AFTER:
            return [(False, text)]
        text, self._held = self._held + text, ""
        if self._place is _Place.BEFORE:
            return self._before(text)
        return self._inside(text) if self._place is _Place.INSIDE else self._between(text)

    def end(self) -> list[Part]:
        """What is still held back: text that only began like a tag, or the end of reasoning that has no end tag."""
        held, self._held = self._held, ""
        return _some(self._place is _Place.INSIDE, held)

    def _before(self, text: str) -> list[Part]:
        begun = text.lstrip()
        for tag, close in _TAGS.items():
            if begun.startswith(tag):
                self._close, self._place = close, _Place.INSIDE
                return self._inside(begun.removeprefix(tag))
            if tag.startswith(begun):  # also if there is only white space so far
                self._held = text
                return []
        self._place = _Place.AFTER
        return [(False, text)]

    def _inside(self, text: str) -> list[Part]:
        reasoning, close, rest = text.partition(self._close)
        if close:
            self._place = _Place.BETWEEN
            return [*_some(True, reasoning), *self._between(rest)]
        begun = next(size for size in range(len(self._close) - 1, -1, -1) if text.endswith(self._close[:size]))
        certain = len(text) - begun
        self._held = text[certain:]
        return _some(True, text[:certain])

    def _between(self, text: str) -> list[Part]:
        text = text.lstrip()
        if text:
            self._place = _Place.AFTER
        return _some(False, text)


def _some(is_reasoning: bool, text: str) -> list[Part]:
    return [(is_reasoning, text)] if text else []
