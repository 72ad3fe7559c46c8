"""The tokenizer that llama.cpp and vLLM offer beside the protocol."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx2
import openai

from chatapp.providers.client import ProviderClient

_SECONDS = 5.0
_PAUSE_SECONDS = 30.0
_UNKNOWN = {400, 404, 405, 422, 501}

Dialect = Callable[[ProviderClient, str, str], int]


class NoCountError(ValueError):
    """What came back was no count of tokens."""


class ServerTokenizer:
    """Counts with the server's own tokenizer. Which it has is found out with a word that says nothing."""

    def __init__(self, client: ProviderClient) -> None:
        self._client = client
        self._dialects: list[Dialect] = [_ask_llama_cpp, _ask_vllm]
        self._found: Dialect | None = None
        self._paused_until = 0.0

    def count(self, model: str, text: str) -> int | None:
        """``None`` where the server has no tokenizer, or has just failed to answer."""
        if not self._dialects or time.monotonic() < self._paused_until:
            return None
        try:
            if self._found is None:
                self._found = self._find(model)
            return self._found(self._client, model, text) if self._found else None
        except (openai.APIError, httpx2.HTTPError, ValueError):
            self._paused_until = time.monotonic() + _PAUSE_SECONDS
            return None

    def _find(self, model: str) -> Dialect | None:
        while self._dialects:
            try:
                if self._dialects[0](self._client, model, "hello"):
                    return self._dialects[0]
            except (openai.APIStatusError, ValueError) as error:
                if isinstance(error, openai.APIStatusError) and error.status_code not in _UNKNOWN:
                    raise
            self._dialects.pop(0)
        return None


def _ask_llama_cpp(client: ProviderClient, _model: str, text: str) -> int:
    answer = client.post(f"{client.root_url}/tokenize", {"content": text}, _SECONDS)
    tokens = answer.get("tokens") if isinstance(answer, dict) else None
    if not isinstance(tokens, list):
        raise NoCountError
    return len(tokens)


def _ask_vllm(client: ProviderClient, model: str, text: str) -> int:
    body = {"model": model, "prompt": text, "add_special_tokens": False}
    answer = client.post(f"{client.root_url}/tokenize", body, _SECONDS)
    count = answer.get("count") if isinstance(answer, dict) else None
    if not isinstance(count, int):
        raise NoCountError
    return count
