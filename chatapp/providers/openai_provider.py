"""Asks a language model at any OpenAI-compatible endpoint."""

import math
import time
from collections.abc import Generator
from contextlib import closing

from urllib3.exceptions import HTTPError

from chatapp.providers.answer_reader import AnswerReader
from chatapp.providers.chat import ChatRequest, Piece
from chatapp.providers.client import ProviderClient
from chatapp.providers.errors import ProviderError, from_exception
from chatapp.providers.refusals import Refusals
from chatapp.providers.wire import Response
from config.settings import Settings

_USAGE_SECONDS = 5.0
"""How long to wait for the usage after the answer has ended."""

_END_SECONDS = 0.25
"""How long to wait for the end of the response after ``[DONE]``, so that its connection can be used again."""


class ModelProvider:
    """The configured provider. Each worker has one. Calls block; under gevent, only the greenlet that makes them."""

    def __init__(self, settings: Settings, client: ProviderClient | None = None) -> None:
        self.client = client or ProviderClient(settings)
        self._silence = settings.provider_timeout
        self._refusals = Refusals()

    def stream(self, request: ChatRequest) -> Generator[Piece, None, None]:
        """Asks the model. Yields pieces of text and reasoning as they arrive, none of them empty, then one ``Finish``.

        If the provider refuses a parameter, the request is sent again without it. Closing the generator, or throwing an
        exception into the greenlet that waits in it, closes the connection at once.

        Raises:
            ProviderError: at any point. The pieces so far remain valid.
        """
        attempt = self._refusals.attempt(request)
        while True:
            begun = False
            try:
                for piece in self._answer(attempt.body()):
                    if not begun:
                        begun = True
                        attempt.succeeded()
                    yield piece
            except ProviderError as error:
                if begun or not attempt.learn(error):
                    raise
            else:
                return

    def _answer(self, body: dict[str, object]) -> Generator[Piece, None, None]:
        reader = AnswerReader()
        with closing(self.client.stream(body)) as response:
            try:
                yield from self._pieces(response, reader)
            except HTTPError as error:
                if not reader.complete:
                    raise from_exception(error, begun=True) from None
        yield from reader.end()
        yield reader.finish()

    def _pieces(self, response: Response, reader: AnswerReader) -> Generator[Piece, None, None]:
        """The pieces of a response as it arrives.

        Once the answer is complete, only a short time is spent on what may follow, unless more text comes.
        """
        until = math.inf
        for data in response:
            pieces = reader.feed(data)
            yield from pieces
            if reader.failure is not None:
                return
            if not pieces or not isinstance(pieces[-1], str):
                time.sleep(0)  # a provider that sends fast, but no text, must not block the other greenlets
            if reader.complete:
                until = min(until, time.monotonic() + (_END_SECONDS if reader.done else _USAGE_SECONDS))
                left = until - time.monotonic()
                if left <= 0:
                    return
                response.wait_at_most(left)
            elif until < math.inf:
                until = math.inf
                response.wait_at_most(self._silence)
