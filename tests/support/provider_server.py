"""The fake provider's HTTP, written on protocols so that hundreds of streams leave the machine to what is tested."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import deque
from pathlib import Path
from typing import Any

from tests.support.provider_behaviours import BEHAVIOURS, event, text_event
from tests.support.provider_forms import FORMS

CERTIFICATE = Path(__file__).parent / "tls" / "localhost.crt"
"""Signs itself; made for these tests, and good for nothing else."""

_BEHAVIOURS = BEHAVIOURS | FORMS

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


class State:
    """What the server remembers, and what it was told to do."""

    def __init__(self) -> None:
        self.connections: set[Connection] = set()
        self.reset()

    def reset(self) -> None:
        self.calls: list[dict[str, object]] = []
        self.total = 0
        self.queries: list[str] = []
        self.down = False
        self.behave: deque[str] = deque()
        self.tokenizer: str | None = None
        self.tokenized = 0
        self.refused_texts: list[str] = []
        self.props: dict[str, object] | None = None
        self.models: object = {"object": "list", "data": [{"id": name, "object": "model"} for name in BEHAVIOURS]}
        self.go_on = asyncio.Event()

    def as_json(self) -> dict[str, object]:
        running = [connection.model for connection in self.connections if connection.model is not None]
        return {
            "calls": self.calls,
            "total": self.total,
            "queries": self.queries,
            "open": len(self.connections) - 1,
            "running": running,
            "tokenized": self.tokenized,
            "refused_texts": self.refused_texts,
        }

    def control(self, orders: dict[str, Any], by: Connection) -> None:
        if orders.get("reset"):
            self.reset()
            for idle in [one for one in self.connections if one is not by and one.model is None]:
                idle.transport.close()  # a test counts only connections of its own
        self.behave.extend(orders.get("behave", ()))
        if "models" in orders:
            self.models = {"object": "list", "data": orders["models"]}
        self.models = orders.get("models_body", self.models)
        if orders.get("go_on"):
            self.go_on.set()
        self.tokenizer = orders.get("tokenizer", self.tokenizer)
        self.down = orders.get("down", self.down)
        self.props = orders.get("props", self.props)


class Connection(asyncio.Protocol):
    """Reads requests and answers them one after another."""

    transport: asyncio.Transport

    def __init__(self, state: State) -> None:
        self.state = state
        self.body: dict[str, Any] = {}
        self.options: dict[str, str] = {}
        self.model: str | None = None
        self._received = b""
        self._task: asyncio.Task[None] | None = None
        self._writable = asyncio.Event()
        self._writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.state.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.state.connections.discard(self)
        self.model = None
        if self._task is not None:
            self._task.cancel()

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._received[:1].isalpha():  # no HTTP: TLS, most likely
            self.transport.close()
            return
        head, end, rest = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        size = int(headers.get("content-length", 0))
        if len(rest) >= size:
            self._received = rest[size:]
            _, target, _ = first.split(" ")
            if target.startswith("http://"):  # as a proxy is asked
                target = "/" + target.split("/", 3)[3]
            self.answer(target, headers, json.loads(rest[:size]) if size else {})

    def answer(self, target: str, headers: dict[str, str], body: dict[str, Any]) -> None:
        path, _, query = target.partition("?")
        if query:
            self.state.queries.append(target)
        if path == "/control":
            self.state.control(body, self)
            self.json(200, self.state.as_json())
        elif self.state.down:
            self.transport.abort()
        elif headers.get("authorization") == "Bearer wrong":
            self.error(401, {"message": "Incorrect API key provided: wrong", "code": "invalid_api_key"})
        elif path == "/v1/models":
            self.json(200, self.state.models)
        elif path == "/props" and self.state.props is not None:
            self.json(200, {"default_generation_settings": self.state.props})
        elif path == "/tokenize":
            self.tokenize(body)
        elif path == "/v1/chat/completions":
            self.complete(headers, body)
        else:
            self.error(404, {"message": f"Unknown path {path}"})

    def tokenize(self, body: dict[str, Any]) -> None:
        """A token is four bytes."""
        text = body.get({"llama": "content", "vllm": "prompt"}.get(self.state.tokenizer or "", ""))
        if text is None:
            self.state.refused_texts.append(body.get("content") or body["prompt"])
            self.error(404 if self.state.tokenizer is None else 400, {"message": "no such thing here"})
            return
        self.state.tokenized += 1
        count = -(-len(text.encode()) // 4)
        self.json(200, {"tokens": list(range(count))} if self.state.tokenizer == "llama" else {"count": count})

    def complete(self, headers: dict[str, str], body: dict[str, Any]) -> None:
        state = self.state
        state.total += 1
        state.calls.append(
            body | {"at": time.time(), "authorization": headers.get("authorization"), "headers": headers}
        )
        del state.calls[:-1000]
        name, *options = (state.behave.popleft() if state.behave else str(body["model"])).split(":")
        self.body, self.model = body, str(body["model"])
        self.options = dict(option.split("=") for option in options)
        behaviour = _BEHAVIOURS.get(name)
        if behaviour is None:
            self.error(404, {"message": f"The model {name} does not exist", "code": "model_not_found"})
        else:
            self._task = asyncio.get_running_loop().create_task(behaviour(self))  # type: ignore[arg-type]

    # What a behaviour answers with.

    def head(self) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )

    def write(self, data: bytes) -> None:
        self.raw(b"%x\r\n%s\r\n" % (len(data), data))

    def raw(self, data: bytes) -> None:
        self.transport.write(data)

    async def told_to_go_on(self) -> None:
        await self.state.go_on.wait()

    async def drain(self) -> None:
        await self._writable.wait()

    def finish(self, reason: str = "stop") -> None:
        end = event({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]})
        if self.body.get("stream_options", {}).get("include_usage"):
            end += event({"choices": [], "usage": USAGE})
        self.write(end + b"data: [DONE]\n\n")
        self.end()

    def end(self) -> None:
        self.transport.write(b"0\r\n\r\n")
        self.model = None

    def close(self) -> None:
        self.transport.close()

    def abort(self) -> None:
        self.transport.abort()

    def steady(self, tokens: int, gap: float) -> None:
        """Pieces at an even pace; one timer for each, because benchmarks run hundreds of these at once."""
        loop = asyncio.get_running_loop()
        began = loop.time()

        def piece(number: int) -> None:
            if self.model is None:
                return
            if number == tokens:
                self.finish()
                return
            self.write(text_event(f"tok{number} "))
            loop.call_at(began + (number + 1) * gap, piece, number + 1)

        piece(0)

    def error(self, status: int, error: dict[str, object], headers: tuple[str, ...] = ()) -> None:
        self.json(status, {"error": error}, headers)

    def json(self, status: int, data: object, headers: tuple[str, ...] = ()) -> None:
        content = json.dumps(data).encode()
        lines = [f"HTTP/1.1 {status} X", "Content-Type: application/json", f"Content-Length: {len(content)}", *headers]
        self.transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + content)
        self.model = None


async def serve(port: int, *, tls: bool = False) -> None:
    """Listens on loopback until it is cancelled; with ``tls`` as ``https://localhost``."""
    state = State()
    context = None
    if tls:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(state), "127.0.0.1", port, backlog=4096, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201
    async with server:
        await server.serve_forever()
