from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

import pytest

from chatapp.embedded.data_folder import DataFolder
from chatapp.embedded.mongod import longest_path, place_socket, remove_socket_folder


def data_folder(path: Path) -> DataFolder:
    folder = DataFolder(path)
    folder.prepare()
    return folder


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    temporary = Path(tempfile.mkdtemp(prefix="short-", dir="/tmp"))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    return temporary


@pytest.fixture
def plain() -> Path:
    """pytest's own folders have long names."""
    return Path(tempfile.mkdtemp(prefix="data-", dir="/tmp"))


def folder_of_length(base: Path, length: int) -> DataFolder:
    """One whose socket has a path of ``length`` bytes."""
    missing = length - len(os.fsencode(base / "x" / "run" / "mongod.sock"))
    return data_folder(base / ("x" * (missing + 1)))


def test_the_socket_is_in_the_data_directory(plain: Path) -> None:
    folder = data_folder(plain)
    assert place_socket(folder) == plain / "run" / "mongod.sock"
    assert not folder.socket_folder.exists()


def test_a_path_of_the_longest_length_is_used(plain: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for platform, longest in (("linux", 107), ("darwin", 103)):
        monkeypatch.setattr("sys.platform", platform)
        assert longest_path(platform) == longest
        assert place_socket(folder_of_length(plain, longest)).is_relative_to(plain)
        assert not place_socket(folder_of_length(plain, longest + 1)).is_relative_to(plain)


@pytest.mark.parametrize("name", ["x" * 120, "Upper", "with space", "a:b", "a,b", "\u00fcber", "a%40b"])
def test_otherwise_it_is_in_a_private_folder_that_goes_at_the_end(
    plain: Path, temporary_folder: Path, name: str
) -> None:
    folder = data_folder(plain / name)
    path = place_socket(folder)
    path.touch()
    assert path.parent.parent == temporary_folder
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    remove_socket_folder(folder)
    assert not list(temporary_folder.iterdir())
    assert not folder.socket_folder.exists()


def test_the_private_folder_of_a_run_that_was_killed_goes_at_the_next_start(
    plain: Path, temporary_folder: Path
) -> None:
    folder = data_folder(plain / "Upper")
    place_socket(folder).touch()
    second = place_socket(folder)
    assert list(temporary_folder.iterdir()) == [second.parent]


def test_a_folder_for_temporary_files_that_is_unsuitable_itself_is_not_used(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(plain / "T"))  # as on macOS
    folder = data_folder(plain / "Upper")
    path = place_socket(folder)
    assert path.parent.parent == Path("/tmp")
    remove_socket_folder(folder)


def test_nothing_else_in_the_private_folder_is_removed(plain: Path) -> None:
    folder = data_folder(plain / "Upper")
    path = place_socket(folder)
    (path.parent / "other").touch()
    remove_socket_folder(folder)
    assert (path.parent / "other").exists()
