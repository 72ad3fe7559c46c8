"""The forms in which providers answer, as behaviours of the fake one: how a body is framed, and what is refused."""

from __future__ import annotations

import asyncio
import json
import zlib
from typing import Any

from tests.support.provider_behaviours import Answer, Behaviour, event, say, text_event
from tests.support.provider_cases import STREAMS, reply

_BODIES = {stream.name: stream.body for stream in STREAMS}
_END = event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}) + b"data: [DONE]\n\n"


class Framed:
    """A body in chunks, of a length, or to the end of the connection, as the option ``framing`` says."""

    def __init__(self, answer: Answer, length: int, *headers: str) -> None:
        self._answer = answer
        self._framing = answer.options.get("framing", "chunked")
        framing = {
            "chunked": "Transfer-Encoding: chunked",
            "length": f"Content-Length: {length}",
            "close": "Connection: close",
        }
        lines = ["HTTP/1.1 200 OK", framing[self._framing], *(headers or ("Content-Type: text/event-stream",))]
        answer.raw("\r\n".join(lines).encode() + b"\r\n\r\n")

    def write(self, data: bytes) -> None:
        if self._framing == "chunked":
            self._answer.write(data)
        else:
            self._answer.raw(data)

    def end(self) -> None:
        if self._framing == "chunked":
            self._answer.end()
        elif self._framing == "close":
            self._answer.close()


async def case(answer: Answer) -> None:
    """A stream from the field, by its ``name``, ``size`` bytes at a time."""
    name = answer.options["name"]
    body = _BODIES[name]
    size = int(answer.options.get("size", len(body)))
    framed = Framed(answer, len(body), f"Content-Type: {'text/html' if name == 'html_page' else 'text/event-stream'}")
    for at in range(0, len(body), size):
        framed.write(body[at : at + size])
        await asyncio.sleep(0)
    if name == "null_reason_cut":
        answer.close()
    else:
        framed.end()


async def held(answer: Answer) -> None:
    """One piece of text; the other, and the end, once the provider is told to go on."""
    body = [text_event("Hello "), text_event("world") + _END]
    framed = Framed(answer, sum(map(len, body)))
    framed.write(body[0])
    await answer.told_to_go_on()
    framed.write(body[1])
    framed.end()


async def held_zipped(answer: Answer) -> None:
    """As ``held``, compressed."""
    packer = zlib.compressobj(wbits=31)
    framed = Framed(answer, 0, "Content-Type: text/event-stream", "Content-Encoding: gzip")
    framed.write(packer.compress(text_event("Hello ")) + packer.flush(zlib.Z_SYNC_FLUSH))
    await answer.told_to_go_on()
    framed.write(packer.compress(text_event("world") + _END) + packer.flush())
    framed.end()


async def pause(answer: Answer) -> None:
    """A false end, silence for as long as ``gap`` says, and then the rest of the answer."""
    answer.head()
    answer.write(_BODIES["null_reason_cut"])
    await asyncio.sleep(float(answer.options["gap"]) / 1000)
    answer.write(text_event("ld") + _END)
    answer.end()


async def second_wind(answer: Answer) -> None:
    """An end, more text right after it, silence for ``gap`` ms, the rest of the answer, and a bit later its usage."""
    answer.head()
    for text, reason, seconds in (
        ("Hello ", "stop", 0.0),
        ("wor", None, float(answer.options["gap"]) / 1000),
        ("ld", "stop", 0.05),
    ):
        answer.write(event({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": reason}]}))
        await asyncio.sleep(seconds)
    answer.write(event({"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 2}}) + b"data: [DONE]\n\n")
    answer.end()


async def stop_without_end(answer: Answer) -> None:
    """A whole answer that gives its reason, on a connection that then sends a comment now and again."""
    framed = Framed(answer, 100_000)
    framed.write(text_event("Hello") + event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
    while True:
        await asyncio.sleep(float(answer.options["gap"]) / 1000)
        framed.write(b": still here\n\n")


async def silence(answer: Answer) -> None:
    """Empty events, as fast as they are taken."""
    answer.head()
    while True:
        answer.write(b"data:\n\n" * 1000)
        await answer.drain()
        await asyncio.sleep(0)


async def plain_json(answer: Answer) -> None:
    """A whole completion, though a stream was asked for."""
    answer.json(200, json.loads(reply("plain_json")))


async def redirect(answer: Answer) -> None:
    """Says that it is somewhere else."""
    answer.json(301, {}, ("Location: http://127.0.0.1:1/v1/chat/completions",))


def refusing_what(status: int, body: object, what: str) -> Behaviour:
    """Refuses requests that have the field ``what``, or a message of the role ``system``."""

    async def refuse(answer: Answer) -> None:
        if what in answer.body or what in [message["role"] for message in answer.body["messages"]]:
            answer.json(status, body)
        else:
            await say(answer, ["fine"])

    refuse.__doc__ = f"Takes no {what}."
    return refuse


def _named(name: str) -> Any:
    return json.loads(reply(name))


FORMS: dict[str, Behaviour] = {
    behaviour.__name__.replace("_", "-"): behaviour
    for behaviour in (
        case, held, held_zipped, pause, second_wind, stop_without_end, silence, plain_json, redirect,
    )
} | {
    "no-stream-options": refusing_what(422, _named("fastapi_refusal"), "stream_options"),
    "no-temperature": refusing_what(400, _named("temperature_refusal"), "temperature"),
    "no-system": refusing_what(400, {"error": {"message": "System role not supported"}}, "system"),
    "no-model": refusing_what(400, {"detail": "no stream_options, temperature, max_tokens, system role"}, "model"),
}  # fmt: skip
"""By the names of their models."""
