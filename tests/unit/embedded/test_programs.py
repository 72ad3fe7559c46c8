from __future__ import annotations

import platform
import signal
from pathlib import Path

import pytest

from chatapp.embedded import StartError, programs
from chatapp.embedded.programs import explain_mongod, find_mongod


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def only_this_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    program = tmp_path / "packaged" / "mongod"
    monkeypatch.setattr(programs, "_packaged_mongod", lambda: program)
    return str(program)


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "_packaged_mongod", lambda: None)


def put_on_path(folder: Path, script: str) -> str:
    program = folder / "bin" / "mongod"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_the_program_on_path_is_used(tmp_path: Path, packaged: str, said: list[str]) -> None:
    program = put_on_path(tmp_path, "echo 'db version v8.0.4'")
    assert find_mongod(said.append) == program
    assert said == []


def test_without_a_program_on_path_the_packaged_one_is_used(packaged: str, said: list[str]) -> None:
    assert find_mongod(said.append) == packaged


def test_the_program_that_wrote_the_data_is_used_again(tmp_path: Path, packaged: str, said: list[str]) -> None:
    before = tmp_path / "before"
    before.write_text("")
    before.chmod(0o755)
    put_on_path(tmp_path, "echo 'db version v8.0.4'")
    assert find_mongod(said.append, str(before)) == str(before)
    assert find_mongod(said.append, str(tmp_path / "gone")) != str(tmp_path / "gone")


@pytest.mark.parametrize(
    ("script", "cause"),
    [
        ("echo 'db version v4.4.29'", "is version 4.4, but 6.0 or later is needed"),
        (
            "echo 'mongod: error while loading shared libraries: libssl.so.3: cannot' >&2; exit 127",
            "library libssl.so.3",
        ),
        ("exit 1", "does not say its version"),
        ("kill -ILL $$", "does not say its version"),
    ],
)
def test_an_unusable_program_on_path_is_named_and_passed_over(
    tmp_path: Path, packaged: str, said: list[str], script: str, cause: str
) -> None:
    program = put_on_path(tmp_path, script)
    assert find_mongod(said.append) == packaged
    assert len(said) == 1
    assert said[0].startswith(program)
    assert cause in said[0]


@pytest.mark.usefixtures("no_package")
def test_an_unusable_program_prevents_the_start_if_there_is_no_other(tmp_path: Path, said: list[str]) -> None:
    put_on_path(tmp_path, "echo 'db version v4.4.29'")
    with pytest.raises(StartError, match=r"is version 4\.4, .* set MONGODB_URI"):
        find_mongod(said.append)


@pytest.mark.usefixtures("no_package")
def test_on_a_machine_without_one_it_says_what_to_do(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    with pytest.raises(
        StartError, match=r"no embedded MongoDB for Linux on aarch64\. Set MONGODB_URI, or install MongoDB"
    ):
        find_mongod(said.append)


# What mongod 6.0 writes when it ends, shortened.
LIBRARY = "mongod: error while loading shared libraries: libcurl.so.4: cannot open shared object file: No such file"
MACOS_LIBRARY = (
    "dyld[41]: Library not loaded: /usr/local/opt/openssl@1.1/lib/libssl.1.1.dylib\n  Reason: tried: (no such file)"
)
LOCKED = (
    '{"msg":"Error setting up listener","attr":{"error":"DBPathInUse: Unable to lock the lock file: data/mongod.lock"}}'
)
FULL = '{"s":"E","msg":"WiredTiger error","attr":{"error":28,"message":"WiredTiger.wt: No space left on device"}}'
VERSION = '{"s":"F","msg":"Wrong mongod version","attr":{"error":"UPGRADE PROBLEM: Found an invalid document"}}'
PERMISSION = '{"s":"F","msg":"WiredTiger error","attr":{"message":"open: Permission denied"}}'
DAMAGED = '{"s":"F","msg":"WiredTiger error","attr":{"error":-31804,"message":"WT_PANIC: WiredTiger library panic"}}'


def line(output: str, exit_status: int = 100) -> str:
    return explain_mongod(exit_status, output, data=Path("/d/mongod"), log=Path("/d/logs/mongod.log"))


@pytest.mark.parametrize(
    ("output", "cause", "remedy"),
    [
        (LIBRARY, "needs the library libcurl.so.4", "Install that, or set MONGODB_URI"),
        (MACOS_LIBRARY, "needs the library /usr/local/opt/openssl@1.1/lib/libssl.1.1.dylib", "or set MONGODB_URI"),
        (LOCKED, "Another mongod uses the data in /d/mongod", "Stop it"),
        (FULL, "disk that holds /d/mongod is full", "Make room"),
        (VERSION, "written by another version", "Put that mongod on PATH"),
        (PERMISSION, "may not use the files in /d/mongod", "Give them to the user"),
        (DAMAGED, "data in /d/mongod is damaged", "Restore a backup"),
        ("something new", "ended with status 100", "/d/logs/mongod.log"),
    ],
)
def test_the_explanation_says_in_one_line_what_is_wrong_and_what_to_do(output: str, cause: str, remedy: str) -> None:
    assert cause in line(output)
    assert remedy in line(output)
    assert "\n" not in line(output)


def test_a_processor_that_lacks_instructions_is_reported_as_such() -> None:
    assert "lacks instructions that mongod needs (AVX" in line("", exit_status=-signal.SIGILL)
