"""An OpenAI-compatible server on loopback that behaves as the model's name says (see ``provider_behaviours``).

``python -m tests.support.provider --port 0`` prints the port it listens on. Beside the protocol it answers
``GET /control`` (what came in, what is open) and ``POST /control`` with orders: ``{"reset": true, "behave": [...],
"models": [...], "props": {...}, "tokenizer": "llama"|"vllm", "down": true}``; ``behave`` names what the next calls
meet, whatever their model.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from tests.support.processes import PATIENCE, end_with_parent
from tests.support.provider_server import CERTIFICATE, serve

ROOT = Path(__file__).parents[2]


class FakeProvider:
    """Runs the server in a process of its own.

    >>> with FakeProvider() as provider:
    ...     provider.base_url
    """

    def __init__(self, *, tls: bool = False) -> None:
        self._process: subprocess.Popen[str] | None = None
        self._tls = tls
        self.port = 0

    @property
    def base_url(self) -> str:
        """For ``OPENAI_BASE_URL``."""
        return f"{self._root}/v1"

    @property
    def _root(self) -> str:
        return f"https://localhost:{self.port}" if self._tls else f"http://127.0.0.1:{self.port}"

    def environment(self, models: str) -> dict[str, str]:
        """What a server is given that is to ask it for ``models``, by their names with commas between."""
        return {"OPENAI_BASE_URL": self.base_url, "OPENAI_API_KEY": "only-for-tests", "CHATAPP_MODELS": models}

    @property
    def calls(self) -> list[dict[str, Any]]:
        """What the last 1,000 completions were asked with, oldest first."""
        return list(self.control()["calls"])

    @property
    def total(self) -> int:
        """How many completions were asked for."""
        return int(self.control()["total"])

    @property
    def running(self) -> list[str]:
        """The models of the answers that are being given."""
        return list(self.control()["running"])

    def behave(self, *behaviours: str) -> None:
        """What the next calls meet, one for each, whatever their model."""
        self.control(behave=behaviours)

    def reset(self) -> None:
        self.control(reset=True)

    def control(self, **orders: object) -> dict[str, Any]:
        """Gives orders, and tells the state: ``calls``, ``total``, ``open`` connections, ``running`` models, ..."""
        request = urllib.request.Request(f"{self._root}/control", json.dumps(orders).encode(), method="POST")
        context = ssl.create_default_context(cafile=CERTIFICATE) if self._tls else None
        with urllib.request.urlopen(request, timeout=PATIENCE, context=context) as response:
            state: dict[str, Any] = json.load(response)
        return state

    def wait_until(self, condition: Callable[[dict[str, Any]], bool], seconds: float = PATIENCE) -> dict[str, Any]:
        """The state as soon as ``condition`` holds for it."""
        deadline = time.monotonic() + seconds
        while not condition(state := self.control()):
            if time.monotonic() > deadline:
                raise AssertionError({**state, "calls": len(state["calls"])})
            time.sleep(0.01)
        return state

    def start(self, port: int = 0) -> None:
        command = [sys.executable, "-m", "tests.support.provider", "--port", str(port)]
        command += ["--tls"] if self._tls else []
        self._process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, cwd=ROOT, preexec_fn=end_with_parent
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            assert self._process.stdout is not None
            self._process.stdout.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", action="store_true", help="listen as https://localhost")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, tls=arguments.tls))
