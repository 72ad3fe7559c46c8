"""The models that chat tests talk to: names of the fake provider's behaviours, and what each says."""

from __future__ import annotations

from functools import lru_cache

from tests.support.provider_behaviours import UNICODE_TEXT

QUICK = "normal:tokens=12:gap=2"
"""12 words in 24 ms."""

NORMAL = "normal"
"""50 words in a second."""

ENDLESS = "normal:tokens=100000:gap=20"
"""50 words a second, for longer than any test."""

TWO_SECONDS = "normal:tokens=100:gap=20"
FOUR_SECONDS = "normal:tokens=50:gap=80"
"""The words of ``NORMAL``, for what must happen while they come."""

SIX_SECONDS = "normal:tokens=300:gap=20"
UNICODE = "unicode:times=60:gap=3"
"""For 3 s: emoji, a family and a flag, combining characters and CRLF, all of them split over pieces."""

ECHO = "echo"
CUT_OFF = "length"
"""Two words, and then it is cut off by its length."""

FLOOD = "flood:tokens=1000000"
"""More than an answer may hold, as fast as it is taken."""

HUGE = "flood:gap=4"
"""100,000 words in four seconds and a bit."""

SILENT = "hang"
UNKNOWN = "unheard-of"
"""It may be chosen here; the provider does not know it."""

FAILING = (
    "401", "429", "500", "cut", "reset", "no-finish", "malformed", "error-in-stream", "full", "empty",
    "hang-after-head", "hang-in-the-middle",
)  # fmt: skip

ALL = (
    QUICK, NORMAL, ENDLESS, TWO_SECONDS, FOUR_SECONDS, SIX_SECONDS, UNICODE, ECHO, CUT_OFF, FLOOD, HUGE, SILENT,
    UNKNOWN, *FAILING,
)  # fmt: skip
"""For ``CHATAPP_MODELS``; the first is the default."""


@lru_cache(maxsize=64)
def words(count: int) -> str:
    """What ``normal`` says in so many pieces."""
    return "".join(f"tok{number} " for number in range(count))


_ENDLESS_TEXT = words(20_000)


def is_beginning(text: str) -> bool:
    """Whether ``normal`` begins like this, at whatever pace."""
    return _ENDLESS_TEXT.startswith(text)


def whole_text(model: str) -> str:
    """All that a model says that speaks evenly; of an endless one, more than a test hears."""
    if model == UNICODE:
        return UNICODE_TEXT * 60
    count = dict(option.split("=") for option in model.split(":")[1:]).get("tokens", "50")
    return words(int(count)) if int(count) <= 20_000 else _ENDLESS_TEXT
