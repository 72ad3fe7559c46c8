"""Which models a provider has, and how much each can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TypeGuard

import httpx2
import openai

from chatapp.models.failures import FailureCode
from chatapp.models.language_models import LanguageModel
from chatapp.providers.client import ProviderClient
from chatapp.providers.errors import ProviderError, from_exception

_SECONDS = 3.0

_WINDOW_NAMES = ("max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens")
"""In the order of vLLM, OpenRouter and Together, Groq, Mistral and LM Studio, Anthropic."""

_NOT_FOR_CHAT = re.compile(
    r"embed|whisper|\btts\b|dall-e|moderation|transcribe|realtime|-audio|image|sora|davinci-002|babbage-002|rerank",
    re.IGNORECASE,
)


def list_models(client: ProviderClient) -> tuple[LanguageModel, ...]:
    """The provider's models in its order, without those that are plainly made for something else than chat.

    Raises:
        ProviderError: it does not say.
    """
    try:
        listed = client.get("/models", _SECONDS)
    except (openai.APIError, httpx2.HTTPError) as error:
        raise from_exception(error) from None
    except ValueError:
        raise ProviderError(FailureCode.MALFORMED_ANSWER) from None
    entries = listed.get("data") if isinstance(listed, dict) else None
    if not isinstance(entries, list):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    named = [entry for entry in entries if isinstance(entry, dict) and isinstance(entry.get("id"), str)]
    for_chat = [entry for entry in named if not _NOT_FOR_CHAT.search(entry["id"])]
    models = tuple(LanguageModel(entry["id"], _window(entry)) for entry in for_chat or named)
    if len(models) == 1 and isinstance(named[0].get("meta"), dict):
        return (_of_llama_cpp(client, models[0]),)
    return models


def _window(entry: Mapping[str, object]) -> int | None:
    meta = entry.get("meta")
    places = [entry.get(name) for name in _WINDOW_NAMES]
    if isinstance(meta, dict):
        places += [meta.get("n_ctx"), meta.get("n_ctx_train")]
    return next((value for value in places if _is_window(value)), None)


def _of_llama_cpp(client: ProviderClient, model: LanguageModel) -> LanguageModel:
    """The list of llama.cpp's server says what the model was made for; what it was given is another matter."""
    try:
        properties = client.get(f"{client.root_url}/props", _SECONDS)
    except (openai.APIError, httpx2.HTTPError, ValueError):
        return model
    defaults = properties.get("default_generation_settings") if isinstance(properties, dict) else None
    given = defaults.get("n_ctx") if isinstance(defaults, dict) else None
    return replace(model, context_tokens=given) if _is_window(given) else model


def _is_window(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
