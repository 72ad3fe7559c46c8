"""Lists a provider's language models and their context windows."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TypeGuard

from chatapp.models.failures import FailureCode
from chatapp.models.language_models import LanguageModel
from chatapp.providers.client import ProviderClient
from chatapp.providers.errors import ProviderError

_SECONDS = 3.0

_WINDOW_NAMES = ("max_model_len", "context_length", "context_window", "max_context_length", "max_input_tokens")
"""In the order of vLLM, OpenRouter and Together, Groq, Mistral and LM Studio, Anthropic."""

PREFILL: Mapping[str, Mapping[str, object]] = {
    "llamacpp": {},
    "vllm": {"add_generation_prompt": False, "continue_final_message": True},
}
"""The servers that continue the last message if it is an answer, each with the parameters that make it do so."""

_NOT_FOR_CHAT = re.compile(
    r"embed|whisper|\btts\b|dall-e|moderation|transcribe|realtime|-audio|image|sora|davinci-002|babbage-002|rerank",
    re.IGNORECASE,
)


def list_models(client: ProviderClient) -> tuple[LanguageModel, ...]:
    """The provider's models in its order, except those that are clearly not for chat.

    Raises:
        ProviderError: the provider does not list its models.
    """
    named = list(_named(_entries(client.get(client.url("/models"), _SECONDS))))
    for_chat = [(name, entry) for name, entry in named if not _NOT_FOR_CHAT.search(name)]
    models = tuple(LanguageModel(name, _window(entry), _server(entry)) for name, entry in for_chat or named)
    if len(models) == 1 and isinstance(named[0][1].get("meta"), dict):
        return (_of_llama_cpp(client, models[0]),)
    return models


def _entries(listed: object) -> list[object]:
    """The list is in ``data`` (OpenAI), in ``models`` (Cohere), or is the whole body (Together)."""
    if isinstance(listed, dict):
        listed = listed.get("data") if "data" in listed else listed.get("models")
    if not isinstance(listed, list):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    return listed


def _named(entries: list[object]) -> Iterator[tuple[str, Mapping[str, object]]]:
    for entry in entries:
        if isinstance(entry, dict):
            name = entry.get("id") or entry.get("name")
            if name and isinstance(name, str):
                yield name, entry


def _server(entry: Mapping[str, object]) -> str:
    """llama.cpp and vLLM call themselves the owner of the models that they serve."""
    owner = entry.get("owned_by")
    return owner if isinstance(owner, str) and owner in PREFILL else ""


def _window(entry: Mapping[str, object]) -> int | None:
    meta = entry.get("meta")
    places = [entry.get(name) for name in _WINDOW_NAMES]
    if isinstance(meta, dict):
        places += [meta.get("n_ctx"), meta.get("n_ctx_train")]
    return next((value for value in places if _is_window(value)), None)


def _of_llama_cpp(client: ProviderClient, model: LanguageModel) -> LanguageModel:
    """llama.cpp lists the window that a model was trained with. The one that the server uses is elsewhere."""
    try:
        properties = client.get(client.root_url("/props"), _SECONDS)
    except ProviderError:
        return model
    defaults = properties.get("default_generation_settings") if isinstance(properties, dict) else None
    given = defaults.get("n_ctx") if isinstance(defaults, dict) else None
    return replace(model, context_tokens=given) if _is_window(given) else model


def _is_window(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
