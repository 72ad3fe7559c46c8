"""Compares HTTP clients for streamed answers: CPU time per token, and the time to the first token.

``python -m benchmarks.wire``. 100 answers of 50 tokens at once from a provider on loopback, each client in a process of
its own with gevent, as in production. All except the last one parse the events with this application's code. The best
of several rounds counts, because other work on the machine only makes rounds slower.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks.provider import MODEL, TOKENS, FakeProvider

STREAMS = 100
ROUNDS = 10
_QUESTION = [{"role": "user", "content": "hi"}]
_BODY: dict[str, Any] = {"model": MODEL, "messages": _QUESTION, "stream": True}
_HEADERS = {"Authorization": "Bearer none", "Content-Type": "application/json", "Accept-Encoding": "identity"}

Ask = Callable[[], Iterator[str]]


def main() -> int:
    """Prints the figures. There is no goal; they are for comparison."""
    print(f"{STREAMS} answers of {TOKENS} tokens at once{'':19} CPU for a token   first token p50")
    with FakeProvider() as provider:
        for way in WAYS:
            command = [sys.executable, "-m", "benchmarks.wire", way, provider.base_url]
            cpu, first = json.loads(subprocess.check_output(command))
            print(f"{way:48} {cpu:12.1f} us {first:14.1f} ms", flush=True)
    return 0


def _adopted(base_url: str) -> Ask:
    from chatapp.providers.chat import ChatRequest
    from chatapp.providers.openai_provider import ModelProvider
    from config.settings import load_settings

    provider = ModelProvider(load_settings({"SECRET_KEY": "x" * 32, "OPENAI_BASE_URL": base_url}))
    request = ChatRequest(MODEL, [{"role": "user", "content": "hi"}])
    return lambda: (piece for piece in provider.stream(request) if isinstance(piece, str))


def _read_chunked(base_url: str) -> Ask:
    import urllib3

    pool = urllib3.PoolManager(maxsize=STREAMS, retries=False, timeout=urllib3.Timeout(60))
    url, body = f"{base_url}/chat/completions", json.dumps(_BODY).encode()

    def ask() -> Iterator[str]:
        response = pool.urlopen("POST", url, body=body, headers=_HEADERS, preload_content=False)
        yield from _read(response.read_chunked(decode_content=False))

    return ask


def _httpx2(base_url: str) -> Ask:
    import httpx2

    client = httpx2.Client(limits=httpx2.Limits(max_connections=None, max_keepalive_connections=STREAMS), timeout=60)

    def ask() -> Iterator[str]:
        with client.stream("POST", f"{base_url}/chat/completions", json=_BODY, headers=_HEADERS) as response:
            yield from _read(response.iter_raw())

    return ask


def _create(base_url: str) -> Ask:
    import openai

    client = openai.OpenAI(api_key="none", base_url=base_url, max_retries=0)

    def ask() -> Iterator[str]:
        for chunk in client.chat.completions.create(**_BODY):
            text = chunk.choices[0].delta.content if chunk.choices else None
            if text:
                yield text

    return ask


def _read(body: Iterator[bytes]) -> Iterator[str]:
    from chatapp.providers.answer_reader import AnswerReader

    reader = AnswerReader()
    for data in body:
        yield from (piece for piece in reader.feed(data) if isinstance(piece, str))


WAYS = {
    "this application (urllib3)": _adopted,
    "urllib3 alone, read_chunked": _read_chunked,
    "httpx2, iter_raw": _httpx2,
    "openai, chat.completions.create(stream=True)": _create,
}


def _measure(ask: Ask) -> tuple[float, float]:
    """Microseconds of CPU time per token, and milliseconds until half of the answers have their first token."""
    import gevent

    def one() -> float:
        pieces = ask()
        text = next(pieces)
        first = time.perf_counter() - began
        assert text.count("tok") + sum(piece.count("tok") for piece in pieces) == TOKENS
        return first

    costs, firsts = [], []
    for _ in range(2 + ROUNDS):  # the first two open the connections
        began, cpu = time.perf_counter(), time.process_time()
        running = [gevent.spawn(one) for _ in range(STREAMS)]
        gevent.joinall(running, raise_error=True)
        costs.append((time.process_time() - cpu) / STREAMS / TOKENS)
        firsts.append(statistics.median(greenlet.value for greenlet in running))
    return 1e6 * min(costs[2:]), 1e3 * min(firsts[2:])


if __name__ == "__main__":
    if len(sys.argv) == 1:
        sys.exit(main())
    from config.preload import patch_standard_library

    patch_standard_library()
    print(json.dumps(_measure(WAYS[sys.argv[1]](sys.argv[2]))))
