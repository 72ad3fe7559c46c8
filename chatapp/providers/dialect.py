"""What the servers that speak the protocol understand differently, learned from their refusals."""

from __future__ import annotations

from chatapp.providers.chat import ChatRequest


class Dialect:
    """Writes requests the way this provider takes them.

    Token counts at the end of a stream are asked for until a server refuses the question, and the limit of an answer
    has its old name, which every server knows, until a model wants the new one.
    """

    def __init__(self) -> None:
        self._asks_usage = True
        self._renamed: set[str] = set()

    def body(self, request: ChatRequest) -> dict[str, object]:
        """The JSON of a request for a streamed answer."""
        body: dict[str, object] = {"model": request.model, "messages": request.messages, "stream": True}
        if self._asks_usage:
            body["stream_options"] = {"include_usage": True}
        if request.temperature is not None:
            body["temperature"] = request.temperature
        if request.max_tokens is not None:
            body["max_completion_tokens" if request.model in self._renamed else "max_tokens"] = request.max_tokens
        return body

    def learn(self, request: ChatRequest, status: int, words: str) -> bool:
        """Whether a refusal taught something, so that asking again may help.

        Args:
            request: what was refused.
            status: of HTTP.
            words: what the refusal says.
        """
        if status not in {400, 422}:
            return False
        if self._asks_usage and ("stream_options" in words or "include_usage" in words):
            self._asks_usage = False
            return True
        if "max_completion_tokens" in words and request.max_tokens is not None and request.model not in self._renamed:
            self._renamed.add(request.model)
            return True
        return False
