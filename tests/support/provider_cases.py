"""What providers send in the field, and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chatapp.models.chat_models import FinishReason, Usage
from chatapp.models.failures import FailureCode

CASES = Path(__file__).parents[1] / "cases"

HELLO = "Hello world"


@dataclass(frozen=True, slots=True)
class Stream:
    """The body of a response, and what becomes of it: it ends complete for a reason, or with a failure."""

    name: str
    text: str = HELLO
    reason: FinishReason | None = FinishReason.STOP
    failure: FailureCode | None = None
    reasoning: str = ""
    usage: Usage | None = None

    def __str__(self) -> str:
        return self.name

    @property
    def body(self) -> bytes:
        return (CASES / "provider_streams" / f"{self.name}.sse").read_bytes()


def failed(name: str, text: str, failure: FailureCode, reasoning: str = "") -> Stream:
    return Stream(name, text, None, failure, reasoning)


STREAMS = (
    Stream("azure_empty_choices", usage=Usage(3, 2)),
    Stream("bad_utf8", "Hello \ufffdworld"),
    Stream("bom"),
    Stream("choices_null_ping"),
    Stream("content_filter_partial", reason=FinishReason.CONTENT_FILTER),
    Stream("cr_only"),
    Stream("crlf"),
    Stream("deepseek_reasoning", reasoning="thinking more", usage=Usage(3, 2)),
    Stream("empty_data_keepalive"),
    failed("error_in_200", "", FailureCode.THROTTLED),
    failed("error_in_200_after", HELLO, FailureCode.THROTTLED),
    failed("event_error", HELLO, FailureCode.PROVIDER_FAILED),
    failed("html_page", "", FailureCode.WRONG_ADDRESS),
    Stream("length", reason=FinishReason.LENGTH),
    failed("length_empty", "", FailureCode.LENGTH, reasoning="thinking"),
    failed("llamacpp_error_first", "", FailureCode.CONTEXT_TOO_LONG),
    Stream("lone_surrogate_pair", "😀"),
    Stream("message_instead_of_delta"),
    Stream("mistral_list", reasoning="hm"),
    Stream("multiline_data"),
    failed("no_done_no_reason", HELLO, FailureCode.CONNECTION_LOST),
    Stream("no_space"),
    Stream("nul", "a\0b \u202eRTL\u202c עברית 😀"),
    failed("null_reason_cut", "Hello wor", FailureCode.CONNECTION_LOST),
    Stream("null_reason_no_pause"),
    Stream("ollama_no_done"),
    Stream("openrouter_comments"),
    Stream("refusal", "I can't help with that."),
    Stream("role_only"),
    Stream("space_before_done"),
    Stream("think_tags", reasoning="\nSecret **plan**\n\nmore\n"),
    failed("tool_calls", "", FailureCode.TOOL_CALLS),
    Stream("usage_each", usage=Usage(3, 2)),
    failed("vllm_error_object_first", "", FailureCode.CONTEXT_TOO_LONG),
)


def reply(name: str) -> bytes:
    """The body of a response that is no stream."""
    return (CASES / "provider_replies" / f"{name}.json").read_bytes()
