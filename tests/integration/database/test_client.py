"""The connection: what it promises, and what MONGODB_URI may change about it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import pytest
from pymongo import ReadPreference
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.database.client import connect
from config.errors import SettingsError
from config.settings import Settings, load_settings


@contextmanager
def connected(uri: str, folder: Path) -> Iterator[Database[dict[str, Any]]]:
    settings: Settings = load_settings({"CHATAPP_DATA_DIR": str(folder), "SECRET_KEY": "only-for-tests"})
    database = connect(replace(settings, mongodb_uri=uri, mongodb_db="chatapp_client_test"))
    try:
        yield database
    finally:
        database.client.close()


def test_acknowledged_means_stored_on_most_members_and_in_their_journals(mongodb_uri: str, tmp_path: Path) -> None:
    with connected(mongodb_uri, tmp_path) as database:
        assert database.write_concern.document == {"w": "majority", "j": True}
        assert database.read_preference == ReadPreference.PRIMARY
        assert database.client.options.retry_writes
        assert database.client.options.retry_reads
        assert database.client.options.timeout == 25.0
        assert database.client.options.pool_options.appname == "chatapp"


def test_times_come_back_in_utc_with_their_zone(mongodb_uri: str, tmp_path: Path) -> None:
    now = utc_now()
    with connected(mongodb_uri, tmp_path) as database:
        database["times"].insert_one({"_id": 1, "at": now})
        found = database["times"].find_one()
        database.client.drop_database(database.name)

    assert found is not None
    assert found["at"] == now
    assert found["at"].tzinfo is not None
    assert found["at"].utcoffset() == timedelta(0)
    assert now.tzinfo is UTC


def test_what_durability_rests_on_cannot_be_changed(mongodb_uri: str, tmp_path: Path) -> None:
    weaker = "w=1&journal=false&readPreference=nearest&retryWrites=false"
    with connected(f"{mongodb_uri}&{weaker}", tmp_path) as database:
        assert database.write_concern.document == {"w": "majority", "j": True}
        assert database.read_preference == ReadPreference.PRIMARY
        assert database.client.options.retry_writes


@pytest.mark.parametrize("uri", ["mongodb://u:p@ss/w@host/", "mongodb://host:port/", "mongodb://h/?timeoutMS=soon&w"])
def test_a_uri_that_the_driver_cannot_read_is_refused_in_one_line(uri: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^MONGODB_URI cannot be read") as refused, connected(uri, tmp_path):
        pass
    assert "\n" not in str(refused.value)
    assert uri not in str(refused.value)


def test_what_the_uri_says_counts_for_more(mongodb_uri: str, tmp_path: Path) -> None:
    with connected(f"{mongodb_uri}&timeoutMS=1234&maxPoolSize=7&appName=other", tmp_path) as database:
        options = database.client.options
        assert options.timeout == 1.234
        assert options.pool_options.max_pool_size == 7
        assert options.pool_options.appname == "other"
        assert database.write_concern.document == {"w": "majority", "j": True}


def test_a_mongodb_that_is_away_does_not_hold_up_the_start(tmp_path: Path) -> None:
    with connected("mongodb://127.0.0.1:9/", tmp_path) as database:
        assert database.name == "chatapp_client_test"


def test_a_dns_that_is_away_does_not_hold_up_the_start(tmp_path: Path) -> None:
    with connected("mongodb+srv://nowhere.invalid/?maxPoolSize=7", tmp_path) as database:
        assert database.name == "chatapp_client_test"


def test_changes_can_be_watched_with_the_options_that_are_set(mongodb_uri: str, tmp_path: Path) -> None:
    with connected(mongodb_uri, tmp_path) as database:
        with database["times"].watch(max_await_time_ms=1) as changes:
            assert changes.try_next() is None
        database.client.drop_database(database.name)
