"""Every variable: what it is when unset, and the one line that refuses a wrong value."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.settings import Settings, SettingsError, load_settings


def load(folder: Path, **variables: str) -> Settings:
    return load_settings({"CHATAPP_DATA_DIR": str(folder), **variables})


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 2)
    assert (settings.mongodb_db, settings.openai_base_url, settings.models) == ("chatapp", None, ())
    assert (settings.provider_timeout, settings.max_message_chars) == (60.0, 100_000)
    assert settings.registration_open
    assert settings.rate_limits
    assert not settings.production


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    assert load(tmp_path, PORT=" ", CHATAPP_ENV="").port == 8000


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHATAPP_ENV", "staging"),
        ("CHATAPP_REGISTRATION", "yes"),
        ("CHATAPP_RATE_LIMITS", "0"),
        ("CHATAPP_PROVIDER_TIMEOUT", "soon"),
        ("CHATAPP_PROVIDER_TIMEOUT", "0"),
        ("CHATAPP_PROVIDER_TIMEOUT", "nan"),
        ("CHATAPP_PROVIDER_TIMEOUT", "inf"),
        ("CHATAPP_MAX_MESSAGE_CHARS", "-1"),
        ("CHATAPP_CONTEXT_TOKENS", "8k"),
        ("WEB_CONCURRENCY", "0"),
        ("WEB_CONCURRENCY", "2.5"),
        ("PORT", "65536"),
        ("MONGODB_URI", "localhost:27017"),
        ("MONGODB_URI", "mongodb://"),
        ("MONGODB_URI", "mongodb://[::1/"),
        ("MONGODB_URI", "mongodb://host/?w=1"),
        ("MONGODB_URI", "mongodb://host/a.b"),
        ("MONGODB_DB", "a.b"),
        ("MONGODB_DB", "admin"),
        ("OPENAI_BASE_URL", "api.example.com/v1"),
        ("OPENAI_BASE_URL", "https:///v1"),
        ("OPENAI_BASE_URL", "http://[::1/v1"),
        ("OPENAI_BASE_URL", "http://host:port/v1"),
        ("OPENAI_BASE_URL", "http://host:99999/v1"),
        ("OPENAI_BASE_URL", "http://:8000/v1"),
        ("CHATAPP_LOG_LEVEL", "loud"),
        ("CHATAPP_METRICS_TOKEN", "short"),
        ("CHATAPP_METRICS_TOKEN", "long enough, but with spaces"),
    ],
)
def test_a_wrong_value_is_refused_with_one_line_that_names_the_variable(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, **{name: value})
    assert (name if value != "mongodb://host/a.b" else "MONGODB_DB") in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_refused_uri_is_not_shown_because_it_may_hold_a_password(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refusal:
        load(tmp_path, MONGODB_URI="mongo://me:hunter2@host")
    assert "hunter2" not in str(refusal.value)


def test_the_database_named_in_the_uri_is_the_default(tmp_path: Path) -> None:
    uri = "mongodb://host/talk?replicaSet=rs0"
    assert load(tmp_path, MONGODB_URI=uri).mongodb_db == "talk"
    assert load(tmp_path, MONGODB_URI=uri, MONGODB_DB="other").mongodb_db == "other"
    assert load(tmp_path, MONGODB_URI="mongodb://me:pw@host/admin").mongodb_db == "chatapp"


def test_the_secret_is_made_once_kept_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    first, second = load(folder), load(folder)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert [file.name for file in folder.iterdir()] == ["secret_key"]


def test_an_empty_secret_is_named_and_signs_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("\n")
    with pytest.raises(SettingsError, match="secret_key' is empty"):
        load(tmp_path)


def test_production_asks_for_a_secret_that_all_hosts_share(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load(tmp_path, CHATAPP_ENV="production")
    assert load(tmp_path, CHATAPP_ENV="production", SECRET_KEY="shared").production
    assert not (tmp_path / "secret_key").exists()


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="CHATAPP_DATA_DIR"):
        load(tmp_path / "file" / "data")


def test_secrets_are_not_in_what_is_printed_of_the_settings(tmp_path: Path) -> None:
    settings = load(tmp_path, OPENAI_API_KEY="sk-1", MONGODB_URI="mongodb://u:pw1@h/", SECRET_KEY="key1")
    assert not any(secret in repr(settings) for secret in ("sk-1", "pw1", "key1"))


def test_models_are_listed_with_commas(tmp_path: Path) -> None:
    assert load(tmp_path, CHATAPP_MODELS=" a , b,,").models == ("a", "b")


def test_the_longest_message_fits_a_body_with_every_character_escaped(tmp_path: Path) -> None:
    settings = load(tmp_path, CHATAPP_MAX_MESSAGE_CHARS="300000")
    assert settings.max_body_bytes > 300_000 * len("\\ud83d\\ude00")
