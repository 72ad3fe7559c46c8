"""Why an answer can fail: a code for programs, and one sentence for a person.

The sentences never repeat what a provider says: its own words may hold a part of the key or of a message.
"""

from enum import StrEnum


class FailureCode(StrEnum):
    """Every code that the error of a stored answer can have. Codes are stable; sentences may be reworded."""

    # The provider cannot be used.
    NOT_CONFIGURED = "not_configured"
    WRONG_ADDRESS = "wrong_address"
    UNREACHABLE = "unreachable"
    KEY_REFUSED = "key_refused"
    QUOTA_EXCEEDED = "quota_exceeded"
    # The provider refused this request.
    MODEL_NOT_FOUND = "model_not_found"
    CONTEXT_TOO_LONG = "context_too_long"
    REQUEST_REFUSED = "request_refused"
    # The provider failed in passing.
    THROTTLED = "throttled"
    MODEL_LOADING = "model_loading"
    PROVIDER_FAILED = "provider_failed"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    MALFORMED_ANSWER = "malformed_answer"
    # The answer ended without any text.
    EMPTY_ANSWER = "empty_answer"
    LENGTH = "length"
    CONTENT_FILTER = "content_filter"
    TOOL_CALLS = "tool_calls"
    # This server cut the answer short.
    ANSWER_TOO_LONG = "answer_too_long"
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"
    # Not an answer: what history shows in the place of messages that the database has lost.
    MESSAGES_MISSING = "messages_missing"

    @property
    def sentence(self) -> str:
        """What a person is told."""
        return _SENTENCES[self]


_SENTENCES = {
    FailureCode.NOT_CONFIGURED: "No model provider is configured. Ask the person who runs this server.",
    FailureCode.WRONG_ADDRESS: (
        "There is no model provider at the configured address. Ask the person who runs this server to check it."
    ),
    FailureCode.UNREACHABLE: "The model provider cannot be reached. Try again in a moment.",
    FailureCode.KEY_REFUSED: "The model provider refused the key of this server. Ask the person who runs it.",
    FailureCode.QUOTA_EXCEEDED: "The account with the model provider has used up its quota or credit.",
    FailureCode.MODEL_NOT_FOUND: "The model provider does not know this model. Choose another one.",
    FailureCode.CONTEXT_TOO_LONG: "The message is too long for this model. Shorten it, or choose another model.",
    FailureCode.REQUEST_REFUSED: "The model provider refused the request. Try another model or other settings.",
    FailureCode.THROTTLED: "The model provider is busy. Try again in a moment.",
    FailureCode.MODEL_LOADING: "The model is still loading. Try again in a moment.",
    FailureCode.PROVIDER_FAILED: "The model provider failed. Try again in a moment.",
    FailureCode.TIMEOUT: "The model provider said nothing for too long. Try again in a moment.",
    FailureCode.CONNECTION_LOST: "The connection to the model provider was lost before the answer was complete.",
    FailureCode.MALFORMED_ANSWER: "The model provider sent something that cannot be read.",
    FailureCode.EMPTY_ANSWER: "The model gave an empty answer. Try again, or put the question another way.",
    FailureCode.LENGTH: (
        "The model used up the allowed length on reasoning, before it wrote any text. "
        "Allow longer answers, or choose another model."
    ),
    FailureCode.CONTENT_FILTER: "The model provider's content filter held the answer back.",
    FailureCode.TOOL_CALLS: "The model asked for a tool instead of answering, and no tools are available here.",
    FailureCode.ANSWER_TOO_LONG: "The answer grew too long and was cut off here.",
    FailureCode.INTERRUPTED: "The server stopped while this answer was being written.",
    FailureCode.INTERNAL: "Something went wrong while this answer was being written.",
    FailureCode.MESSAGES_MISSING: "Messages are missing here. The person who runs this server can check the database.",
}
