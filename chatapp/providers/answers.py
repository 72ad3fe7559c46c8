"""What the JSON that an OpenAI-like provider sends can mean. If one sends something in a new way, change this module.

It covers OpenAI and Azure, vLLM, llama.cpp, Ollama, LM Studio, TGI, LiteLLM, OpenRouter, Groq, Together, Mistral,
DeepSeek, Qwen, Zhipu, xAI, watsonx, and the compatible endpoints of Anthropic, Cohere and Google.
"""

from typing import Any, NamedTuple, TypeGuard

from chatapp.models.chat_models import FinishReason, Usage
from chatapp.models.failures import FailureCode
from chatapp.providers.answer_text import Part
from chatapp.providers.errors import ProviderError, from_event

_REASONS = {
    **{reason.value: reason for reason in FinishReason},
    # Together; TGI; xAI and Anthropic; Cohere.
    **dict.fromkeys(("eos", "eos_token", "stop_sequence", "end_turn", "complete"), FinishReason.STOP),
    # Mistral; Anthropic, Cohere and Google; Zhipu.
    **dict.fromkeys(("model_length", "max_tokens", "model_context_window_exceeded"), FinishReason.LENGTH),
    # Google; Anthropic; Zhipu.
    **dict.fromkeys(
        ("safety", "recitation", "blocklist", "prohibited_content", "spii", "refusal", "sensitive"),
        FinishReason.CONTENT_FILTER,
    ),
    # Anthropic; Cohere.
    **dict.fromkeys(("tool_use", "tool_call"), FinishReason.TOOL_CALLS),
}
"""Why an answer ended, in lower case. After any other word, such as ``"null"``, the answer goes on."""

_BROKEN_OFF = {
    # OpenRouter, Mistral and Cohere; vLLM; Zhipu; watsonx.
    **dict.fromkeys(("error", "abort", "network_error", "cancelled"), FailureCode.PROVIDER_FAILED),
    "insufficient_system_resource": FailureCode.THROTTLED,  # DeepSeek
    "time_limit": FailureCode.TIMEOUT,  # watsonx
}
"""Why an answer broke off, where providers say so in place of a reason to end."""

_WITHOUT_TEXT = {
    FinishReason.LENGTH: FailureCode.LENGTH,
    FinishReason.CONTENT_FILTER: FailureCode.CONTENT_FILTER,
    FinishReason.TOOL_CALLS: FailureCode.TOOL_CALLS,
    FinishReason.FUNCTION_CALL: FailureCode.TOOL_CALLS,
}

_REASONING_FIELDS = ("reasoning_content", "reasoning", "thinking")
"""DeepSeek, vLLM and llama.cpp; OpenRouter, Groq and newer vLLM; proxies. Some send the same text in two of them."""

_MOST_TOKENS = 2**53


_ERROR_FIELDS = frozenset(("error", "errors", "detail", "message", "type", "x_groq"))


class Meaning(NamedTuple):
    """What one chunk says.

    ``reason``: why the answer ended, or why it broke off. ``is_whole``: ``parts`` is the whole answer so far, not what
    comes next in it.
    """

    parts: list[Part]
    reason: FinishReason | FailureCode | None
    usage: Usage | None
    wants_tool: bool
    is_whole: bool


def meaning_of(chunk: object) -> Meaning:
    """What a chunk says: the JSON of one event, or of a response that is not an event stream.

    Raises:
        ProviderError: the chunk says that the provider failed, or it is malformed.
    """
    if isinstance(chunk, list) and len(chunk) == 1:  # Google wraps its errors in a list
        chunk = chunk[0]
    if not isinstance(chunk, dict):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    if not _ERROR_FIELDS.isdisjoint(chunk) or chunk.get("object") in ("error", "Error"):
        _raise_error_in(chunk)
    choice = _first_choice(chunk)
    said, is_whole = _said_in(choice)
    wants_tool = bool(said.get("tool_calls") or said.get("function_call"))
    return Meaning(_parts_of(said), _reason_in(choice), _usage_in(chunk, choice), wants_tool, is_whole)


def failure_without_text(reason: FinishReason, *, wanted_tool: bool) -> FailureCode:
    """The failure of an answer that ended without any text."""
    return _WITHOUT_TEXT.get(reason, FailureCode.TOOL_CALLS if wanted_tool else FailureCode.EMPTY_ANSWER)


def _raise_error_in(chunk: dict[str, Any]) -> None:
    """The error is in ``error``, is the chunk itself (vLLM, Mistral), or has FastAPI's or Cloudflare's form."""
    error = chunk.get("error")
    if error or error == {} or chunk.get("object") in ("error", "Error") or chunk.get("type") == "error":
        raise from_event(chunk)
    if "choices" not in chunk:
        has_status = not chunk.keys().isdisjoint(("code", "status", "status_code"))
        is_message = has_status and isinstance(chunk.get("message"), str)
        if chunk.get("detail") or chunk.get("errors") or is_message:
            raise from_event(chunk)
    groq = chunk.get("x_groq")
    if groq and isinstance(groq, dict) and groq.get("error"):
        raise from_event(groq)


def _first_choice(chunk: dict[str, Any]) -> dict[str, Any]:
    """The choice of the one answer that was asked for. A chunk without it can still hold the usage."""
    choices = chunk.get("choices") or []
    if not isinstance(choices, list):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    for choice in choices:
        if not isinstance(choice, dict):
            raise ProviderError(FailureCode.MALFORMED_ANSWER)
        if not choice.get("index"):
            if choice.get("error"):  # OpenRouter
                raise from_event(choice["error"])
            return choice
    return {}


def _said_in(choice: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """The message in a choice, and whether it is a whole message rather than a delta."""
    said, is_whole = choice.get("delta"), False
    if said is None:
        is_whole = "message" in choice or "text" in choice  # ``text`` is the form of legacy completions
        said = choice.get("message") or {"content": choice.get("text")}
    if said and not isinstance(said, dict):
        raise ProviderError(FailureCode.MALFORMED_ANSWER)
    return said or {}, is_whole


def _reason_in(choice: dict[str, Any]) -> FinishReason | FailureCode | None:
    said = choice.get("finish_reason")
    if not said or not isinstance(said, str):
        return None
    word = said.strip().lower()
    return _REASONS.get(word) or _BROKEN_OFF.get(word)


def _parts_of(said: dict[str, Any]) -> list[Part]:
    parts: list[Part] = []
    for name in _REASONING_FIELDS:
        if said.get(name):
            parts = [(True, text) for _, text in _texts_in(said[name])]
            break
    parts += _texts_in(said.get("content"))
    return parts + _texts_in(said["refusal"]) if said.get("refusal") else parts


def _texts_in(content: object) -> list[Part]:
    """The texts in a message's content, which is a string or a list of parts of several kinds (Mistral)."""
    if isinstance(content, str):
        return [(False, content)] if content else []
    if isinstance(content, list):
        return [text for part in content for text in _texts_in(part)]
    if isinstance(content, dict):
        is_reasoning = content.get("type") in ("thinking", "reasoning")
        inner = [content.get(name) for name in ("thinking", "text", "refusal")]
        return [(is_reasoning, text) for _, text in _texts_in(inner)]
    if content is None:
        return []
    raise ProviderError(FailureCode.MALFORMED_ANSWER)


def _usage_in(chunk: dict[str, Any], choice: dict[str, Any]) -> Usage | None:
    """The usage is in the chunk, in the choice (Moonshot) or in a field of its own (Groq). A number can be missing."""
    usage = chunk.get("usage") or choice.get("usage")
    groq = chunk.get("x_groq")
    if not usage and isinstance(groq, dict):
        usage = groq.get("usage")
    if not isinstance(usage, dict):
        return None
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return Usage(prompt, completion) if _is_count(prompt) and _is_count(completion) else None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _MOST_TOKENS
