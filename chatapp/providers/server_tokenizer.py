"""Counts tokens with the tokenizer that llama.cpp and vLLM offer next to the OpenAI protocol."""

import threading
import time
from collections.abc import Callable

from chatapp.models.failures import FailureCode
from chatapp.providers.client import ProviderClient
from chatapp.providers.errors import ProviderError

_SECONDS = 5.0
_FAILED_PAUSE = 30.0
"""Seconds for which a server is not asked after it has failed."""

_NONE_PAUSE = 600.0
"""Seconds after which a server without a tokenizer is tried again. It may only have been starting."""

Dialect = Callable[[ProviderClient, str, str], int]


class ServerTokenizer:
    """Counts with the server's own tokenizer. Finds out which kind it is by having it count a meaningless word.

    One greenlet finds out while the others wait. Nothing is remembered forever, not even that there is no tokenizer.
    """

    def __init__(self, client: ProviderClient) -> None:
        self._client = client
        self._looking = threading.Lock()
        self._found: Dialect | None = None
        self._paused_until = 0.0

    def count(self, model: str, text: str) -> int | None:
        """``None`` if the server has no tokenizer, or has just failed."""
        try:
            with self._looking:
                ask = self._dialect(model)
            return ask(self._client, model, text) if ask else None
        except ProviderError:
            self._found = None
            self._pause(_FAILED_PAUSE)
            return None

    def _dialect(self, model: str) -> Dialect | None:
        if self._found is None and time.monotonic() >= self._paused_until:
            self._found = next((ask for ask in (_ask_llama_cpp, _ask_vllm) if self._knows(ask, model)), None)
            if self._found is None:
                self._pause(_NONE_PAUSE)
        return self._found

    def _knows(self, ask: Dialect, model: str) -> bool:
        try:
            return ask(self._client, model, "hello") > 0
        except ProviderError as error:
            if error.refused or error.code in (FailureCode.MALFORMED_ANSWER, FailureCode.WRONG_ADDRESS):
                return False
            raise

    def _pause(self, seconds: float) -> None:
        self._paused_until = time.monotonic() + seconds


def _ask_llama_cpp(client: ProviderClient, _model: str, text: str) -> int:
    answer = client.post(client.root_url("/tokenize"), {"content": text}, _SECONDS)
    tokens = answer.get("tokens") if isinstance(answer, dict) else None
    if not isinstance(tokens, list):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    return len(tokens)


def _ask_vllm(client: ProviderClient, model: str, text: str) -> int:
    body = {"model": model, "prompt": text, "add_special_tokens": False}
    answer = client.post(client.root_url("/tokenize"), body, _SECONDS)
    count = answer.get("count") if isinstance(answer, dict) else None
    if not isinstance(count, int) or isinstance(count, bool):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    return count
