"""What mongod 6.0 leaves behind, shortened, and the line that a person gets."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from chatapp.embedded.mongod_failures import explain

LIBRARY = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file"
LOCKED = (
    '{"msg":"Error setting up listener","attr":{"error":"DBPathInUse: Unable to lock the lock file: data/mongod.lock"}}'
)
FULL = '{"s":"E","msg":"WiredTiger error","attr":{"error":28,"message":"WiredTiger.wt: No space left on device"}}'
VERSION = '{"s":"F","msg":"Wrong mongod version","attr":{"error":"UPGRADE PROBLEM: Found an invalid document"}}'
PERMISSION = '{"s":"F","msg":"WiredTiger error","attr":{"message":"open: Permission denied"}}'
DAMAGED = '{"s":"F","msg":"WiredTiger error","attr":{"error":-31804,"message":"WT_PANIC: WiredTiger library panic"}}'


def line(output: str, exit_status: int = 100) -> str:
    return explain(exit_status, output, data=Path("/d/mongod"), log=Path("/d/logs/mongod.log"))


@pytest.mark.parametrize(
    ("output", "cause", "remedy"),
    [
        (LIBRARY, "needs the library libcurl.so.4", "Install that, or set MONGODB_URI"),
        (LOCKED, "Another mongod uses the data in /d/mongod", "Stop it"),
        (FULL, "disk that holds /d/mongod is full", "Make room"),
        (VERSION, "written by another version", "Put that mongod on PATH"),
        (PERMISSION, "may not use the files in /d/mongod", "Give them to the user"),
        (DAMAGED, "data in /d/mongod is damaged", "Restore a backup"),
        ("something new", "ended with status 100", "/d/logs/mongod.log"),
    ],
)
def test_the_line_says_what_is_wrong_and_what_to_do(output: str, cause: str, remedy: str) -> None:
    assert cause in line(output)
    assert remedy in line(output)
    assert "\n" not in line(output)


def test_a_processor_without_avx_is_called_that() -> None:
    assert "lacks AVX" in line("", exit_status=-signal.SIGILL)
