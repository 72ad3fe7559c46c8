from __future__ import annotations

import platform
from pathlib import Path

import pytest

from chatapp.embedded import mongod_binary
from chatapp.embedded.errors import StartError
from chatapp.embedded.mongod_binary import find_mongod


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture(autouse=True)
def only_this_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    program = tmp_path / "packaged" / "mongod"
    monkeypatch.setattr(mongod_binary, "_packaged", lambda: program)
    return str(program)


@pytest.fixture
def no_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mongod_binary, "_packaged", lambda: None)


def put_on_path(folder: Path, script: str) -> str:
    program = folder / "bin" / "mongod"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_the_one_on_path_is_taken(tmp_path: Path, packaged: str, said: list[str]) -> None:
    program = put_on_path(tmp_path, "echo 'db version v8.0.4'")
    assert find_mongod(said.append) == program
    assert said == []


def test_without_one_on_path_the_packaged_one_is_taken(packaged: str, said: list[str]) -> None:
    assert find_mongod(said.append) == packaged


def test_the_one_that_wrote_the_data_is_taken_again(tmp_path: Path, packaged: str, said: list[str]) -> None:
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
def test_one_on_path_that_cannot_be_used_is_named_and_passed_over(
    tmp_path: Path, packaged: str, said: list[str], script: str, cause: str
) -> None:
    program = put_on_path(tmp_path, script)
    assert find_mongod(said.append) == packaged
    assert len(said) == 1
    assert said[0].startswith(program)
    assert cause in said[0]


@pytest.mark.usefixtures("no_package")
def test_it_stops_the_start_where_there_is_no_other(tmp_path: Path, said: list[str]) -> None:
    put_on_path(tmp_path, "echo 'db version v4.4.29'")
    with pytest.raises(StartError, match=r"is version 4\.4, .* set MONGODB_URI"):
        find_mongod(said.append)


@pytest.mark.usefixtures("no_package")
def test_on_another_platform_it_says_what_to_install(said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    with pytest.raises(StartError, match=r"this is Darwin arm64\. Install MongoDB 6\.0 or later"):
        find_mongod(said.append)
