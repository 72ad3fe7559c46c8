"""Metrics add up over all workers, and never decide whether people are served."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.chat_client import Person
from tests.support.chat_servers import Backends
from tests.support.processes import wait_until
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    path = tmp_path / "disk"
    path.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path], check=False).returncode:
        pytest.skip("only root can mount a file system")
    yield path
    subprocess.run(["umount", "--lazy", path], check=True)


@pytest.fixture
def backends(mongodb_uri: str) -> Iterator[Backends]:
    with FakeProvider() as provider:
        yield Backends.on(mongodb_uri, provider)


def keeping_files_in(folder: Path) -> dict[str, str]:
    return {"TMPDIR": str(folder), "PROMETHEUS_MULTIPROC_DIR": str(folder)}


def reload(server: ServerProcess) -> None:
    before = set(server.worker_pids())
    server.signal(signal.SIGHUP)
    wait_until(lambda: len(server.worker_pids()) == len(before) and before.isdisjoint(server.worker_pids()), 40)


def health_checks(server: ServerProcess) -> int:
    """How many the metrics have counted."""
    with urllib.request.urlopen(f"{server.base_url}/metrics") as answer:
        found = re.search(r'requests_total\{method="GET",route="/healthz",status="200"} (\d+)', answer.read().decode())
    return int(found[1]) if found else 0


def check_health(server: ServerProcess) -> None:
    with urllib.request.urlopen(f"{server.base_url}/healthz") as answer:
        assert answer.status == 200


def test_people_are_served_with_a_full_disk(backends: Backends, small_disk: Path) -> None:
    with backends.server(keeping_files_in(small_disk), workers=2) as server:
        with pytest.raises(OSError, match="No space left"):
            (small_disk / "filler").write_bytes(bytes(2_000_000))
        for _ in range(20):
            check_health(server)
        reload(server)
        check_health(server)
        assert Person.register(server.base_url).start().say("hello").answer["status"] == "complete"
        wait_until(lambda: health_checks(server) == 21)


def test_people_are_served_after_a_folder_for_temporary_files_was_cleaned_away(
    backends: Backends, tmp_path: Path
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    with backends.server(keeping_files_in(folder), workers=2) as server:
        shutil.rmtree(folder)
        reload(server)
        check_health(server)
        assert Person.register(server.base_url).start().say("hello").answer["status"] == "complete"


def test_what_is_counted_adds_up_over_workers_reloads_and_kills(backends: Backends) -> None:
    with backends.server(workers=2) as server:
        for _ in range(30):
            check_health(server)
        wait_until(lambda: health_checks(server) == 30)
        reload(server)
        assert health_checks(server) == 30
        check_health(server)
        killed = server.worker_pids()[0]
        wait_until(lambda: health_checks(server) == 31)
        os.kill(killed, signal.SIGKILL)
        wait_until(lambda: len(server.worker_pids()) == 2 and killed not in server.worker_pids())
        assert health_checks(server) == 31
