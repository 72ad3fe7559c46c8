"""First token and tokens per second, with everything stored, beside a bare relay and the provider itself.

``python -m benchmarks.streaming`` runs all of them on this machine, two workers each. The relay is measured before and
after the application at each concurrency, because other work on the machine comes and goes; a relay that does the least
there can be for a stored turn is measured too.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.load import Figures, Requests, measure, post
from benchmarks.provider import MODEL, TOKENS, FakeProvider
from benchmarks.sessions import chat_sessions
from tests.support.mongod import Mongod
from tests.support.processes import end_with_parent
from tests.support.server import ServerProcess

ROOT = Path(__file__).parents[1]
LOADS = ((1, 15), (20, 5), (100, 3), (300, 2))
"""Streams at once, and how often."""

FIRST_TOKEN_GOAL = 1.5
TOKENS_GOAL = 0.9


def main() -> int:
    """Prints the figures; 1 where a goal is missed."""
    with FakeProvider() as provider, Mongod() as mongod:
        environment = provider.environment(MODEL)
        environment["MONGODB_URI"] = mongod.uri
        with _relay(environment) as relay_port, ServerProcess(environment) as server:
            port = int(server.base_url.rsplit(":", 1)[1])
            sessions = chat_sessions(port, max(load[0] for load in LOADS))
            return _compare(provider.port, relay_port, port, sessions)


def _compare(provider_port: int, relay_port: int, port: int, sessions: Sequence[tuple[str, str]]) -> int:
    question = [{"role": "user", "content": "hi"}]
    direct = post("/v1/chat/completions", {"model": MODEL, "messages": question, "stream": True})
    relayed = post("/chat", {"content": "hi"})
    relayed_stored = [post(f"/chat/{number}", {"content": "hi"}) for number in range(len(sessions))]
    stored = [
        post(f"/api/chat/{session}/message", {"content": "hi"}, {"Cookie": cookie}) for session, cookie in sessions
    ]

    def to_application(number: int) -> bytes:
        return stored[number % len(stored)]

    def to_storing_relay(number: int) -> bytes:
        return relayed_stored[number % len(relayed_stored)]

    for _ in range(3):  # so that no figure holds a first time, on either worker
        _run(port, to_application, 20, 1)
        _run(relay_port, lambda _: relayed, 20, 1)
        _run(relay_port, to_storing_relay, 20, 1)
    print(f"{'streams':>8} {'':12} {'first token p50':>16} {'p95':>10} {'tokens/s':>10} {'failed':>7}")
    missed = 0
    for concurrency, rounds in LOADS:
        _show("provider", _run(provider_port, lambda _: direct, concurrency, rounds))
        before = _run(relay_port, lambda _: relayed, concurrency, rounds)
        least = _run(relay_port, to_storing_relay, concurrency, rounds)
        ours = _run(port, to_application, concurrency, rounds)
        after = _run(relay_port, lambda _: relayed, concurrency, rounds)
        _show("relay", before)
        _show("relay+store", least)
        _show("application", ours)
        _show("relay again", after)
        missed += _judge(ours, before, after)
        print(f"{'':8}    first token {ours.first_p50 / least.first_p50:.2f} x that of the relay that stores\n")
    return 1 if missed else 0


def _judge(ours: Figures, before: Figures, after: Figures) -> int:
    """Says how ``ours`` compares, and how many goals are missed."""
    first = ours.first_p50 / ((before.first_p50 + after.first_p50) / 2)
    tokens = ours.tokens_per_second / ((before.tokens_per_second + after.tokens_per_second) / 2)
    print(f"{'':8} -> first token {first:.2f} x the relay's, tokens/s {tokens:.2f} x")
    first_missed = ours.concurrency <= 100 and first > FIRST_TOKEN_GOAL
    tokens_missed = ours.concurrency >= 300 and tokens < TOKENS_GOAL
    return first_missed + tokens_missed + (ours.failed > 0)


def _run(port: int, requests: Requests, concurrency: int, rounds: int) -> Figures:
    time.sleep(0.5)
    return asyncio.run(measure(port, requests, concurrency=concurrency, rounds=rounds, tokens=TOKENS))


def _show(name: str, figures: Figures) -> None:
    print(
        f"{figures.concurrency:8} {name:12} {figures.first_p50:13.1f} ms {figures.first_p95:7.1f} ms"
        f" {figures.tokens_per_second:10.0f} {figures.failed:7}",
        flush=True,
    )
    if figures.failed:
        print(f"{'':8} one that failed: {figures.failure}", flush=True)


@contextmanager
def _relay(environment: dict[str, str]) -> Iterator[int]:
    """The port of the relay, on the same server with as many workers."""
    with tempfile.NamedTemporaryFile(prefix="relay-", suffix=".log") as log:
        command = [sys.executable, "-m", "gunicorn", "--worker-class", "gevent", "--workers", "2", "--bind"]
        command += ["127.0.0.1:0", "--worker-connections", "10000", "--no-control-socket", "benchmarks.relay:app"]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            preexec_fn=end_with_parent,  # noqa: PLW1509 - one thread
        )
        try:
            yield _port_in(Path(log.name))
        finally:
            process.terminate()
            process.wait()


def _port_in(log: Path) -> int:
    for _ in range(200):
        found = re.search(r"Listening at: http://127\.0\.0\.1:(\d+)", log.read_text())
        if found:
            time.sleep(2)  # its workers are still importing
            return int(found[1])
        time.sleep(0.05)
    raise RuntimeError(f"the relay did not start:\n{log.read_text()}")


if __name__ == "__main__":
    sys.exit(main())
