from __future__ import annotations

import stat
from pathlib import Path

import pytest

from chatapp.embedded.credentials import load_credentials, load_mongod_key, save_credentials
from chatapp.embedded.errors import StartError


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "embedded.json"
    assert load_credentials(file) == load_credentials(file)


def test_only_their_owner_can_read_them(tmp_path: Path) -> None:
    load_credentials(tmp_path / "embedded.json")
    load_mongod_key(tmp_path / "mongod.key")
    assert {stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == {0o600}


def test_no_two_installations_have_the_same(tmp_path: Path) -> None:
    one, other = load_credentials(tmp_path / "one"), load_credentials(tmp_path / "other")
    assert one.mongod_password != other.mongod_password
    assert one.model_key != other.model_key
    assert min(len(one.mongod_password), len(one.model_key)) >= 32


def test_a_port_that_changed_is_kept(tmp_path: Path) -> None:
    file = tmp_path / "embedded.json"
    credentials = load_credentials(file)
    credentials.mongod_port = 20_001
    save_credentials(file, credentials)
    assert load_credentials(file).mongod_port == 20_001


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"mongod_port": 1}', '{"something": "else"}'])
def test_a_damaged_file_is_named_with_what_to_do(tmp_path: Path, text: str) -> None:
    file = tmp_path / "embedded.json"
    file.write_text(text)
    with pytest.raises(StartError, match=r"embedded\.json is damaged\. Delete it"):
        load_credentials(file)


def test_they_are_not_in_what_is_printed_of_them(tmp_path: Path) -> None:
    credentials = load_credentials(tmp_path / "embedded.json")
    assert credentials.mongod_password not in repr(credentials)
    assert credentials.model_key not in repr(credentials)


def test_the_key_file_is_one_that_mongodb_takes(tmp_path: Path) -> None:
    key = load_mongod_key(tmp_path / "key")
    assert key == load_mongod_key(tmp_path / "key")
    assert 6 <= len(key) <= 1024
    assert key.isalnum()
