from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from chatapp.embedded import StartError
from chatapp.embedded.data_folder import Credentials, DataFolder, load_credentials, load_mongod_key, save_credentials
from config.data_directory import embedded_uri


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    folder = DataFolder(tmp_path / "data")
    folder.prepare()
    return folder


def test_no_other_user_can_look_into_it(folder: DataFolder) -> None:
    folders = [folder.path, folder.logs, folder.mongod_data]
    assert {stat.S_IMODE(each.stat().st_mode) for each in folders} == {0o700}


def test_folders_that_others_could_read_are_made_private(tmp_path: Path) -> None:
    (tmp_path / "mongod").mkdir()
    (tmp_path / "mongod").chmod(0o755)
    DataFolder(tmp_path).prepare()
    assert stat.S_IMODE((tmp_path / "mongod").stat().st_mode) == 0o700


def test_a_path_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"file/data cannot be used .* CHATAPP_DATA_DIR"):
        DataFolder(tmp_path / "file" / "data").prepare()


def test_a_full_disk_is_reported_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "mkdir", full)
    with pytest.raises(StartError, match="is full"):
        DataFolder(tmp_path).prepare()


@pytest.fixture
def running(folder: DataFolder) -> DataFolder:
    """A data directory while the application runs on it."""
    folder.disown_copies()
    for record in (folder.mongodb_uri, folder.socket_folder):
        record.write_text("mongodb://original")
    return folder


def test_a_start_keeps_the_records_of_its_own_directory(running: DataFolder) -> None:
    running.disown_copies()
    assert running.socket_folder.exists()
    assert embedded_uri(running.path) == "mongodb://original"


def test_a_directory_that_was_moved_is_still_the_same(running: DataFolder, tmp_path: Path) -> None:
    running.path.rename(tmp_path / "moved")
    moved = DataFolder(tmp_path / "moved")
    moved.disown_copies()
    assert moved.socket_folder.exists()


@pytest.mark.parametrize("command", [["cp", "-a"], ["cp", "-r"], ["cp", "-al"], ["rsync", "-a"], ["mv-and-cp"]])
def test_a_copy_knows_nothing_of_what_runs_on_the_original(
    running: DataFolder, tmp_path: Path, command: list[str]
) -> None:
    copy = DataFolder(tmp_path / "copy")
    if command == ["mv-and-cp"]:  # the copy takes the place of the original
        running.path.rename(tmp_path / "moved")
        copy, command, source = running, ["cp", "-a"], tmp_path / "moved"
    else:
        source = running.path
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]} here")
    subprocess.run([*command, f"{source}/.", copy.path], check=True)
    assert embedded_uri(copy.path) is None
    copy.disown_copies()
    assert not any(record.exists() for record in (copy.mongodb_uri, copy.socket_folder))
    assert (source / "run" / "socket_folder").exists()


def test_credentials_are_created_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "embedded.json"
    assert load_credentials(file) == load_credentials(file)


def test_only_their_owner_can_read_the_credentials(tmp_path: Path) -> None:
    load_credentials(tmp_path / "embedded.json")
    load_mongod_key(tmp_path / "mongod.key")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_no_two_installations_have_the_same_credentials(tmp_path: Path) -> None:
    one, other = load_credentials(tmp_path / "one"), load_credentials(tmp_path / "other")
    assert one.mongod_password != other.mongod_password
    assert one.model_key != other.model_key
    assert min(len(one.mongod_password), len(one.model_key)) >= 32


def test_credentials_of_a_version_that_used_tcp_are_still_good(tmp_path: Path) -> None:
    file = tmp_path / "embedded.json"
    file.write_text('{"mongod_port": 20001, "mongod_password": "a", "model_key": "b", "mongod_program": "/bin/mongod"}')
    assert load_credentials(file) == Credentials("a", "b", "/bin/mongod")


def test_the_program_that_wrote_the_data_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "embedded.json"
    credentials = load_credentials(file)
    credentials.mongod_program = "/usr/bin/mongod"
    save_credentials(file, credentials)
    assert load_credentials(file).mongod_program == "/usr/bin/mongod"


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"mongod_password": "x"}', '{"something": "else"}'])
def test_a_damaged_credentials_file_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    file = tmp_path / "embedded.json"
    file.write_text(text)
    with pytest.raises(StartError, match=r"embedded\.json is damaged\. Delete it"):
        load_credentials(file)


def test_printing_the_credentials_does_not_show_them(tmp_path: Path) -> None:
    credentials = load_credentials(tmp_path / "embedded.json")
    assert credentials.mongod_password not in repr(credentials)
    assert credentials.model_key not in repr(credentials)


def test_mongodb_accepts_the_key_file(tmp_path: Path) -> None:
    key = load_mongod_key(tmp_path / "key")
    assert key == load_mongod_key(tmp_path / "key")
    assert 6 <= len(key) <= 1024
    assert key.isalnum()
