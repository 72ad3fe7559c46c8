"""The page's typed client matches the server."""

from __future__ import annotations

import urllib.request
from pathlib import Path

from tests.support.chromium import FRONTEND, run_node
from tests.support.server import ServerProcess


def test_the_typed_client_is_generated_from_the_servers_openapi_document(
    built_page: None, server: ServerProcess, tmp_path: Path
) -> None:
    """If not: fetch ``/openapi.json`` into chatapp/frontend, run ``npm run api`` and ``npm run types`` there."""
    with urllib.request.urlopen(f"{server.base_url}/openapi.json") as answer:
        (tmp_path / "openapi.json").write_bytes(answer.read())
    made = tmp_path / "schema.ts"
    document = tmp_path / "openapi.json"
    run_node("npx", "openapi-typescript", document, "-o", made, "--default-non-nullable=false")
    assert made.read_text() == (FRONTEND / "src" / "api" / "schema.ts").read_text()
