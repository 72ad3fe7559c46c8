"""Talks to any server that speaks OpenAI's chat completions protocol."""

from __future__ import annotations

from collections.abc import Generator

import httpx2
import openai

from chatapp.models.chat_models import FinishReason
from chatapp.models.failures import FailureCode
from chatapp.providers.chat import ChatRequest, Finish, Piece
from chatapp.providers.chunks import ChunkReader
from chatapp.providers.client import ProviderClient
from chatapp.providers.dialect import Dialect
from chatapp.providers.errors import ProviderError, from_exception, words_of
from config.settings import Settings

_MOST_LESSONS = 3
_USAGE_SECONDS = 5.0
_END_SECONDS = 0.25
_REASONS = {reason.value: reason for reason in FinishReason}


class ModelProvider:
    """The configured provider. One for each worker: connections are kept and used again, as many as are needed."""

    def __init__(self, settings: Settings, client: ProviderClient | None = None) -> None:
        self.client = client or ProviderClient(settings)
        self._dialect = Dialect()

    def stream(self, request: ChatRequest) -> Generator[Piece, None, None]:
        """Asks the model: pieces of text as they come, none of them empty, then one ``Finish``.

        Closing the generator, or an exception thrown into the greenlet that waits in it, closes the connection at once.

        Raises:
            ProviderError: at any point; the pieces given so far stay true.
        """
        reader = ChunkReader()
        try:
            yield from _pieces(self._ask(request), reader)
        except (openai.APIError, httpx2.HTTPError) as error:
            raise from_exception(error) from None
        rest = reader.end()
        if rest:
            yield rest
        if reader.empty:
            raise ProviderError(
                FailureCode.CONTENT_FILTER if reader.reason == "content_filter" else FailureCode.EMPTY_ANSWER
            )
        yield Finish(reader.usage, _REASONS.get(reader.reason or "", FinishReason.STOP))

    def close(self) -> None:
        """Ends the connections that no answer uses."""
        self.client.close()

    def _ask(self, request: ChatRequest) -> httpx2.Response:
        for _ in range(_MOST_LESSONS):
            try:
                return self.client.stream("/chat/completions", self._dialect.body(request))
            except openai.APIStatusError as error:
                if not self._dialect.learn(request, error.status_code, words_of(error.body)):
                    raise
        return self.client.stream("/chat/completions", self._dialect.body(request))


def _pieces(response: httpx2.Response, reader: ChunkReader) -> Generator[str, None, None]:
    """The text of a response as it comes.

    An answer that is complete stays so, whatever becomes of the connection: what may follow it, the usage and the end
    of the stream, is waited for only a moment.
    """
    wait_at_most = response.extensions.get("wait_at_most")
    encoded = "content-encoding" in response.headers
    try:
        for data in response.iter_bytes() if encoded else response.iter_raw():
            text = reader.feed(data)
            if text:
                yield text
            if reader.failure is not None:
                raise reader.failure
            if reader.complete:
                if wait_at_most is None:
                    return
                wait_at_most(_END_SECONDS if reader.done else _USAGE_SECONDS)
    except httpx2.HTTPError:
        if not reader.complete:
            raise
    finally:
        response.close()
