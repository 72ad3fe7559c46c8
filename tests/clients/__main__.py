"""Lets clients that were generated from the OpenAPI document use the application: ``make clients``.

Four generators make a client each. Each client is checked by its language's type checker, then registers, chats as JSON
and as events, reads page by page, changes a conversation under ``If-Match``, and is refused with 409, 412 and 422.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
import venv
from pathlib import Path

from tests.support.fake_models import FOUR_SECONDS, QUICK
from tests.support.mongod import Mongod
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

HERE = Path(__file__).parent
TOOLS = HERE / ".venv" / "bin"
GENERATED = HERE / "generated"
DOCUMENT = GENERATED / "openapi.json"

GENERATORS: dict[str, list[str]] = {
    "openapi-python-client": [
        "openapi-python-client", "generate", "--path", str(DOCUMENT), "--output-path", "generated/python",
        "--meta", "none", "--overwrite",
    ],
    "openapi-typescript": ["npx", "openapi-typescript", str(DOCUMENT), "-o", "generated/openapi-typescript.ts"],
    "@hey-api/openapi-ts": ["npx", "openapi-ts", "-i", str(DOCUMENT), "-o", "generated/hey-api"],
    "orval": ["npx", "orval", "--input", str(DOCUMENT), "--output", "generated/orval.ts", "--client", "fetch"],
}  # fmt: skip
SCENARIOS: dict[str, list[str]] = {
    "openapi-python-client": ["python", "-m", "scenarios.openapi_python_client"],
    "openapi-typescript": ["npx", "tsx", "scenarios/openapi-typescript.ts"],
    "@hey-api/openapi-ts": ["npx", "tsx", "scenarios/hey-api.ts"],
    "orval": ["npx", "tsx", "scenarios/orval.ts"],
}
CHECKS = {
    "TypeScript": ["npx", "tsc", "-p", "."],
    "mypy": [
        sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "--python-executable",
        str(TOOLS / "python"), "scenarios/openapi_python_client.py",
    ],
}  # fmt: skip


def main() -> None:
    install()
    GENERATED.mkdir(exist_ok=True)
    with Mongod() as mongod, FakeProvider() as provider:
        models = provider.environment(f"{QUICK},{FOUR_SECONDS}")
        with ServerProcess({**models, "MONGODB_URI": mongod.uri, "MONGODB_DB": "clients"}, workers=1) as server:
            with urllib.request.urlopen(f"{server.base_url}/openapi.json") as answer:
                DOCUMENT.write_bytes(answer.read())
            for name, command in GENERATORS.items():
                run(f"{name} generates", command)
            for name, command in CHECKS.items():
                run(f"{name} checks", command)
            for name, command in SCENARIOS.items():
                run(f"{name} chats", command, {"SERVER": server.base_url, "SLOW_MODEL": FOUR_SECONDS})


def install() -> None:
    """Node and the generators, into folders of their own."""
    if not (TOOLS / "openapi-python-client").exists():
        venv.create(HERE / ".venv", with_pip=True)
        run("pip installs", [str(TOOLS / "python"), "-m", "pip", "install", "--quiet", "-r", "requirements.txt"])
    if not (HERE / "node_modules").exists():
        run("npm installs", ["npm", "ci", "--ignore-scripts"])


def run(what: str, command: list[str], environ: dict[str, str] | None = None) -> None:
    """Runs a command beside this file, with the tools' own Python and Node in front, and says how long it took.

    Raises:
        SystemExit: it failed; what it wrote is shown.
    """
    path = f"{TOOLS}{os.pathsep}{os.environ['PATH']}"
    env = {**os.environ, "PATH": path, **(environ or {})}
    began = time.monotonic()
    done = subprocess.run(command, check=False, cwd=HERE, env=env, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{what}: {' '.join(command)}\n{done.stdout}{done.stderr}")
    sys.stdout.write(f"{what}: {time.monotonic() - began:.1f} s\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
