"""Counts tokens with OpenAI's ``o200k_base`` (from the package ``bpe-openai``, in Rust)."""

import threading
from collections.abc import Callable

from chatapp.threads import in_real_thread

_SHORT = 2_000
"""Characters that are counted in less time than it takes to start a thread."""

_LONGEST = 500_000
"""Characters that are counted at once. The package takes fewer than a million."""

_loading = threading.Lock()
_encode: Callable[[str], list[int]] | None = None


def count(text: str) -> int:
    """The number of tokens in ``text``. The first call takes 0.7 s and 140 MB to load the tokenizer."""
    encode = _loaded()
    if len(text) < _SHORT:
        return len(encode(text))
    parts = [text[at : at + _LONGEST] for at in range(0, len(text), _LONGEST)]
    return in_real_thread(lambda: sum(len(encode(part)) for part in parts))


def _loaded() -> Callable[[str], list[int]]:
    """One greenlet loads it, in a real thread, while the others wait."""
    global _encode  # noqa: PLW0603 - loaded once in a process
    with _loading:
        if _encode is None:
            _encode = in_real_thread(_load)
        return _encode


def _load() -> Callable[[str], list[int]]:
    import bpe_openai

    encode: Callable[[str], list[int]] = bpe_openai.get_encoding("o200k_base").encode_ordinary
    return encode
