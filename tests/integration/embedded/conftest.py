"""Data folders, and the embedded MongoDB that runs on them."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.embedded.installation import Installation


@pytest.fixture
def plain_path() -> Iterator[Path]:
    """A short one, of lower-case letters; pytest's own folders have long names."""
    with tempfile.TemporaryDirectory(prefix="chatapp-test-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def installation(plain_path: Path) -> Iterator[Installation]:
    installation = Installation(plain_path)
    yield installation
    installation.end(signal.SIGKILL)


@pytest.fixture(scope="package")
def running() -> Iterator[Installation]:
    """For tests that do not end it."""
    with tempfile.TemporaryDirectory(prefix="chatapp-test-", dir="/tmp") as folder:
        installation = Installation(Path(folder))
        installation.start()
        yield installation
        installation.end(signal.SIGKILL)
