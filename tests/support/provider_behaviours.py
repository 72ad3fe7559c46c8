"""How the fake provider behaves, chosen by the name of the model: ``cut``, or ``cut:tokens=7:gap=0``.

``BEHAVIOURS`` says what each does. ``tokens`` counts the pieces of text, ``gap`` is in milliseconds.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Any, Protocol

UNICODE_PIECES = (
    "Flag: 🇩🇪 ",
    "fam",
    "ily: 👩‍👩‍👧",
    " e\u0301",
    "a",
    "\u0308 line\r",
    "\nnext ",
    "\ud83d",
    "\ude00",
    " عربى ",
    "中文",
    " \ud83d",
    "\ude80!",
)
UNICODE_TEXT = "".join(UNICODE_PIECES).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
"""What ``unicode`` says: a pair of surrogates, a combining mark and a CRLF are split over two pieces."""


class Answer(Protocol):
    """One call, and the means to answer it."""

    body: dict[str, Any]
    options: dict[str, str]

    def head(self) -> None: ...
    def write(self, data: bytes) -> None: ...
    def raw(self, data: bytes) -> None: ...
    async def told_to_go_on(self) -> None: ...
    def json(self, status: int, data: object, headers: tuple[str, ...] = ()) -> None: ...
    async def drain(self) -> None: ...
    def finish(self, reason: str = "stop") -> None: ...
    def end(self) -> None: ...
    def close(self) -> None: ...
    def abort(self) -> None: ...
    def steady(self, tokens: int, gap: float) -> None: ...
    def error(self, status: int, error: dict[str, object], headers: tuple[str, ...] = ()) -> None: ...


Behaviour = Callable[[Answer], Awaitable[None]]


@lru_cache(maxsize=4096)
def text_event(text: str) -> bytes:
    """A chunk of the protocol with a piece of text."""
    return event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": None}]})


def event(data: dict[str, object]) -> bytes:
    """An event with the fields that every chunk has."""
    common = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "fake"}
    return b"data: " + json.dumps(common | data).encode() + b"\n\n"


def tokens_of(answer: Answer, default: int) -> int:
    return int(answer.options.get("tokens", default))


def gap_of(answer: Answer, default: float) -> float:
    """Seconds between two pieces."""
    return float(answer.options.get("gap", default)) / 1000


async def normal(answer: Answer) -> None:
    """50 pieces, 20 ms apart."""
    answer.head()
    answer.steady(tokens_of(answer, 50), gap_of(answer, 20))


async def crawl(answer: Answer) -> None:
    """A piece each second, a minute long."""
    answer.head()
    answer.steady(tokens_of(answer, 60), gap_of(answer, 1000))


async def lasting(answer: Answer) -> None:
    """300 pieces, 20 ms apart, and the end once the provider is told to go on."""
    answer.head()
    for number in range(tokens_of(answer, 300)):
        answer.write(text_event(f"tok{number} "))
        await asyncio.sleep(gap_of(answer, 20))
    await answer.told_to_go_on()
    answer.finish()


async def say(answer: Answer, pieces: list[str] | tuple[str, ...], reason: str = "stop") -> None:
    answer.head()
    gap = gap_of(answer, 1)
    for piece in pieces:
        answer.write(text_event(piece))
        await answer.drain()
        await asyncio.sleep(gap)
    answer.finish(reason)


async def echo(answer: Answer) -> None:
    """What the user said last, word by word."""
    said = [message["content"] for message in answer.body["messages"] if message["role"] == "user"]
    words = said[-1].split(" ")
    await say(answer, [word + " " for word in words[:-1]] + words[-1:])


async def unicode(answer: Answer) -> None:
    """``UNICODE_TEXT``, as often as ``times`` says."""
    await say(answer, UNICODE_PIECES * int(answer.options.get("times", 1)))


async def lone(answer: Answer) -> None:
    """Half a pair of surrogates in the middle, and another at the end."""
    await say(answer, ["a\ud83d", "b", "c\ud83d"])


async def length(answer: Answer) -> None:
    """Cut off by the limit of tokens."""
    await say(answer, ["one ", "two "], "length")


async def flood(answer: Answer) -> None:
    """100,000 pieces as fast as they are taken; ``gap`` (0) lies between two hundreds of them."""
    answer.head()
    gap = gap_of(answer, 0)
    for number in range(tokens_of(answer, 100_000)):
        answer.write(text_event(f"tok{number % 1000} "))
        if number % 100 == 0:
            await answer.drain()
            await asyncio.sleep(gap)
    answer.finish()


async def hang(answer: Answer) -> None:
    """Takes the request, and says nothing."""
    await asyncio.Event().wait()


async def hang_after_head(answer: Answer) -> None:
    """Sends the head, and then nothing."""
    answer.head()
    await hang(answer)


async def some(answer: Answer) -> None:
    answer.head()
    for number in range(tokens_of(answer, 5)):
        answer.write(text_event(f"tok{number} "))
        await asyncio.sleep(gap_of(answer, 5))


async def hang_in_the_middle(answer: Answer) -> None:
    """5 pieces, and then nothing."""
    await some(answer)
    await hang(answer)


async def cut(answer: Answer) -> None:
    """5 pieces, and the connection ends in the middle of the body."""
    await some(answer)
    answer.close()


async def reset(answer: Answer) -> None:
    """5 pieces, and the connection is reset."""
    await some(answer)
    answer.abort()


async def no_finish(answer: Answer) -> None:
    """5 pieces and a clean end, but no word that the answer is complete."""
    await some(answer)
    answer.end()


async def close_after(answer: Answer) -> None:
    """A complete answer, after which the connection ends unannounced."""
    await say(answer, ["fine"])
    answer.close()


async def close_before(answer: Answer) -> None:
    """Takes the request, and ends the connection."""
    answer.close()


async def hang_after_finish(answer: Answer) -> None:
    """A complete answer on a connection that never ends."""
    await some(answer)
    answer.write(event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    answer.write(b"data: [DONE]\n\n")
    await hang(answer)


async def malformed(answer: Answer) -> None:
    """3 pieces and a broken one, in one packet."""
    answer.head()
    answer.write(b"".join(text_event(f"tok{number} ") for number in range(3)) + b'data: {"choices": [{"del\n\n')
    await hang(answer)


async def error_in_stream(answer: Answer) -> None:
    """3 pieces and an error object."""
    answer.head()
    for number in range(3):
        answer.write(text_event(f"tok{number} "))
    answer.write(b'data: {"error": {"message": "secret detail", "type": "server_error", "code": null}}\n\n')
    answer.end()


async def full(answer: Answer) -> None:
    """3 pieces, and there is no room for more in the model's context."""
    answer.head()
    for number in range(3):
        answer.write(text_event(f"tok{number} "))
    answer.write(b'data: {"error": {"code": 500, "message": "Context size has been exceeded."}}\n\n')
    answer.end()


async def empty(answer: Answer) -> None:
    """No text at all."""
    answer.head()
    answer.finish()


async def page(answer: Answer) -> None:
    """A web page, as from something that is no provider."""
    answer.head()
    answer.write(b"<html>\n<body>welcome</body>\n</html>\n")
    answer.end()


async def refuse_usage(answer: Answer) -> None:
    """Knows no ``stream_options``."""
    if "stream_options" in answer.body:
        answer.error(400, {"message": "Unrecognized request argument: stream_options", "code": None})
        return
    await say(answer, ["fine"])


async def new_limit(answer: Answer) -> None:
    """Takes ``max_completion_tokens`` only."""
    if "max_tokens" in answer.body:
        message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
        answer.error(400, {"message": message, "param": "max_tokens", "code": "unsupported_parameter"})
        return
    await say(answer, ["fine"])


async def narrow(answer: Answer) -> None:
    """Takes ``limit`` bytes of messages, 1,000 if nothing is said; echoes the last."""
    size = sum(len(message["content"].encode()) for message in answer.body["messages"])
    if size > int(answer.options.get("limit", 1000)):
        message = "This model's maximum context length is 1000 tokens."
        answer.error(400, {"message": message, "type": "invalid_request_error", "code": "context_length_exceeded"})
        return
    await echo(answer)


def refusing(status: int, code: str | None, *headers: str) -> Behaviour:
    """Answers with an error's status."""

    async def refuse(answer: Answer) -> None:
        answer.error(status, {"message": "secret detail", "type": "error", "code": code}, headers)

    refuse.__doc__ = f"Status {status}."
    return refuse


BEHAVIOURS: dict[str, Behaviour] = {
    behaviour.__name__.replace("_", "-"): behaviour
    for behaviour in (
        normal, crawl, lasting, echo, unicode, lone, length, flood, hang, hang_after_head, hang_in_the_middle, cut,
        reset, no_finish, close_after, close_before, hang_after_finish, malformed, error_in_stream, full, empty,
        page, refuse_usage, new_limit, narrow,
    )
} | {
    "400": refusing(400, "invalid_value"),
    "401": refusing(401, "invalid_api_key"),
    "403": refusing(403, None),
    "404": refusing(404, "model_not_found"),
    "429": refusing(429, "rate_limit_exceeded", "Retry-After: 7"),
    "quota": refusing(429, "insufficient_quota"),
    "500": refusing(500, None),
    "503": refusing(503, None),
    "context": refusing(400, "context_length_exceeded"),
}  # fmt: skip
"""By the names of their models; ``normal`` is the first, and so the default one."""
