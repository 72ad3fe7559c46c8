"""Typed settings, read once from the environment.

A wrong value raises ``SettingsError`` with one line that names the variable and what it takes.
"""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from config.data_directory import embedded_uri
from config.errors import SettingsError
from config.mongodb_uri import MONGODBS_OWN, check_mongodb_uri, database_in

__all__ = ["Settings", "SettingsError", "load_settings"]

Value = TypeVar("Value")

_USUAL_URI = "mongodb://127.0.0.1:27017/"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be configured. Times are seconds, sizes are what the name says."""

    production: bool
    secret_key: str = field(repr=False)
    data_dir: Path
    mongodb_uri: str = field(repr=False)
    mongodb_db: str
    openai_api_key: str = field(repr=False)
    openai_base_url: str | None
    models: tuple[str, ...]
    provider_timeout: float
    context_tokens: int | None
    answer_timeout: float
    answers_per_user: int
    answers_per_worker: int
    max_message_chars: int
    user_quota: int
    registration_open: bool
    rate_limits: bool
    trusted_proxies: int
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    log_level: str = "info"
    request_log: bool = True
    backup_dir: Path | None = None
    metrics_token: str = field(default="", repr=False)
    titles_by_model: bool = True
    retention_days: int | None = None

    @property
    def max_body_bytes(self) -> int:
        """Room for the longest message with every character escaped (12 bytes), and its wrapping."""
        return max(1_048_576, self.max_message_chars * 12 + 65_536)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """The settings that the environment describes.

    Where nothing names MongoDB or the provider, ``chatapp.embedded`` starts its own and sets the variables for the
    web server. Commands that are run beside it find its MongoDB by a file in the data directory.

    Raises:
        SettingsError: a variable is missing or has a value it does not take.
    """
    reader = _Reader(os.environ if environ is None else environ)
    production = reader.choice("CHATAPP_ENV", ("development", "production"), "development") == "production"
    data_dir = Path(reader.text("CHATAPP_DATA_DIR", "./data")).absolute()
    mongodb_uri = reader.text("MONGODB_URI", embedded_uri(data_dir) or _USUAL_URI)
    check_mongodb_uri(mongodb_uri)
    return Settings(
        production=production,
        secret_key=reader.text("SECRET_KEY", "") or _kept_secret(data_dir, production=production),
        data_dir=data_dir,
        mongodb_uri=mongodb_uri,
        mongodb_db=reader.name("MONGODB_DB", database_in(mongodb_uri) or "chatapp"),
        openai_api_key=reader.text("OPENAI_API_KEY", ""),
        openai_base_url=reader.web_address("OPENAI_BASE_URL"),
        models=reader.words("CHATAPP_MODELS"),
        provider_timeout=reader.number("CHATAPP_PROVIDER_TIMEOUT", 60.0, 0.1, 3600.0),
        context_tokens=reader.whole("CHATAPP_CONTEXT_TOKENS", 0, 256, 100_000_000) or None,
        answer_timeout=reader.number("CHATAPP_ANSWER_TIMEOUT", 600.0, 1.0, 86_400.0),
        answers_per_user=reader.whole("CHATAPP_ANSWERS_PER_USER", 4, 1, 100),
        answers_per_worker=reader.whole("CHATAPP_ANSWERS_PER_WORKER", 500, 1, 100_000),
        max_message_chars=reader.whole("CHATAPP_MAX_MESSAGE_CHARS", 100_000, 1, 300_000),
        user_quota=reader.whole("CHATAPP_USER_QUOTA", 2_000_000_000, 1, 10**15),
        registration_open=reader.choice("CHATAPP_REGISTRATION", ("open", "closed"), "open") == "open",
        rate_limits=reader.choice("CHATAPP_RATE_LIMITS", ("on", "off"), "on") == "on",
        trusted_proxies=reader.whole("CHATAPP_TRUSTED_PROXIES", 0, 0, 10),
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.whole("PORT", 8000, 0, 65_535),
        workers=reader.whole("WEB_CONCURRENCY", 2, 1, 1000),
        log_level=reader.choice("CHATAPP_LOG_LEVEL", ("debug", "info", "warning", "error"), "info"),
        backup_dir=reader.folder("CHATAPP_BACKUP_DIR"),
        metrics_token=reader.token("CHATAPP_METRICS_TOKEN"),
        titles_by_model=reader.choice("CHATAPP_TITLES", ("model", "question"), "model") == "model",
        retention_days=reader.whole("CHATAPP_RETENTION_DAYS", 0, 1, 36_500) or None,
        request_log=reader.choice("CHATAPP_REQUEST_LOG", ("on", "off"), "on") == "on",
    )


class _Reader:
    """Reads one variable at a time; an empty value counts as unset."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def text(self, name: str, default: str) -> str:
        return self._environ.get(name, "").strip() or default

    def choice(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default).lower()
        if value not in choices:
            raise SettingsError(f"{name} is {value!r}, but takes {' or '.join(choices)}.")
        return value

    def web_address(self, name: str) -> str | None:
        """The value is never repeated: it may contain a password."""
        value = self.text(name, "")
        if not value:
            return None
        if not value.startswith(("http://", "https://")):
            raise SettingsError(f"{name} must begin with http:// or https://.")
        try:
            parts = urlsplit(value)
            has_host = bool(parts.hostname) and parts.port != 0
        except ValueError:
            raise SettingsError(f"{name} cannot be read as an address. It has the form https://host:port/v1.") from None
        if not has_host:
            raise SettingsError(f"{name} names no host.")
        return value

    def folder(self, name: str) -> Path | None:
        """A folder that files can be put into. It is made if it is missing, for its owner alone."""
        value = self.text(name, "")
        if not value:
            return None
        path = Path(value).absolute()
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise SettingsError(f"{name}: {value!r} cannot be used ({error.strerror}).") from error
        if not os.access(path, os.W_OK | os.X_OK):
            raise SettingsError(f"{name}: {value!r} cannot be written to.")
        return path

    def name(self, name: str, default: str) -> str:
        value = self.text(name, default)
        if len(value) > 63 or not re.fullmatch(r"[A-Za-z0-9_-]+", value):
            raise SettingsError(f"{name} is {value!r}, but takes at most 63 letters, digits, _ and -.")
        if value in MONGODBS_OWN:
            raise SettingsError(f"{name} is {value!r}, which MongoDB keeps for itself. Take another name.")
        return value

    def token(self, name: str) -> str:
        """A secret that is sent in a header (RFC 6750). The value is never repeated."""
        value = self.text(name, "")
        if value and not re.fullmatch(r"[A-Za-z0-9._~+/=-]{16,}", value):
            raise SettingsError(f"{name} takes 16 or more letters, digits and . _ ~ + / = -")
        return value

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(word.strip() for word in self.text(name, "").split(",") if word.strip())

    def number(self, name: str, default: float, least: float, most: float) -> float:
        return self._within(name, float, "a number", default, least, most)

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        return self._within(name, int, "a whole number", default, least, most)

    def _within(
        self, name: str, parse: Callable[[str], Value], kind: str, default: Value, least: Value, most: Value
    ) -> Value:
        text = self.text(name, "")
        if not text:
            return default
        refusal = SettingsError(f"{name} is {text!r}, but takes {kind} from {least} to {most}.")
        try:
            value = parse(text)
        except ValueError:
            raise refusal from None
        if not least <= value <= most:  # type: ignore[operator]
            raise refusal
        return value


def _kept_secret(data_dir: Path, *, production: bool) -> str:
    """The key that signs the cookies, made at the first start and kept in the data directory.

    Raises:
        SettingsError: in production, where every host must be given the same key.
    """
    if production:
        raise SettingsError("SECRET_KEY must be set where CHATAPP_ENV is production.")
    path = data_dir / "secret_key"
    try:
        if not path.exists():
            _make_secret(path)
        secret = path.read_text().strip()
    except OSError as error:
        raise SettingsError(f"CHATAPP_DATA_DIR: {str(data_dir)!r} cannot be used ({error.strerror}).") from error
    if not secret:
        raise SettingsError(f"CHATAPP_DATA_DIR: {str(path)!r} is empty. Remove it: the next start makes a new key.")
    return secret


def _make_secret(path: Path) -> None:
    """Several processes may do this at once: one wins, and none sees a file that is not written to its end."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f"secret_key.{os.getpid()}")
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(new, path)
    new.unlink()
