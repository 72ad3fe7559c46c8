from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from chatapp.embedded.errors import StartError
from chatapp.embedded.folder import DataFolder


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


def test_no_other_user_can_look_into_it(folder: DataFolder) -> None:
    folders = [folder.path, folder.logs, folder.mongod_data, folder.metrics]
    assert {stat.S_IMODE(each.stat().st_mode) for each in folders} == {0o700}


def test_folders_that_others_could_read_are_closed(tmp_path: Path) -> None:
    (tmp_path / "mongod").mkdir()
    (tmp_path / "mongod").chmod(0o755)
    DataFolder(tmp_path).prepare()
    assert stat.S_IMODE((tmp_path / "mongod").stat().st_mode) == 0o700


def test_a_path_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"file/data cannot be used .* CHATAPP_DATA_DIR"):
        DataFolder(tmp_path / "file" / "data").prepare()


def test_a_full_disk_is_called_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(StartError, match="is full"):
        DataFolder(tmp_path).prepare()
