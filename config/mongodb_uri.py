"""What ``MONGODB_URI`` may say. Refusals never repeat the URI: it may contain a password."""

from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from config.errors import SettingsError

DURABILITY: dict[str, str | bool] = {
    "w": "majority",  # an acknowledged write survives the loss of the primary...
    "journal": True,  # ...and a power failure
    "retryWrites": True,
    "retryReads": True,
    "readPreference": "primary",
}
"""Options that the application sets itself, because its promise to lose nothing rests on them."""

MONGODBS_OWN = {"admin", "config", "local"}

_REQUIRED = {name.lower(): str(value).lower() for name, value in DURABILITY.items()}
_REQUIRED |= {"j": "true", "fsync": "false"}
_NEVER = {"readpreferencetags", "maxstalenessseconds", "readconcernlevel"}
"""The first two serve only read preferences other than ``primary``. Read concerns are chosen for each kind of read: a
change stream takes ``majority`` alone, and not even ``local`` may be set for all."""


def check_mongodb_uri(uri: str) -> None:
    """Checks what can be checked without the driver.

    Raises:
        SettingsError: it cannot be read, or it sets an option that the application sets itself to something else.
    """
    parts = _split(uri)
    if parts.scheme not in ("mongodb", "mongodb+srv"):
        raise SettingsError("MONGODB_URI must begin with mongodb:// or mongodb+srv://.")
    if not parts.netloc.rpartition("@")[2]:
        raise SettingsError("MONGODB_URI names no host.")
    for name, value in _options(parts):
        required = _REQUIRED.get(name.lower())
        if name.lower() in _NEVER or required not in (None, value.lower()):
            wanted = f" {name}={required}" if required else " another one"
            raise SettingsError(f"MONGODB_URI sets {name}, but the application needs{wanted}. Leave the option out.")


def options_in(uri: str) -> set[str]:
    """The names of the options that the URI sets, in lower case."""
    return {name.lower() for name, _ in _options(_split(uri))}


def database_in(uri: str) -> str | None:
    """The database that the URI names, unless it is one of MongoDB's own, which only says where users are stored."""
    name = unquote(_split(uri).path.removeprefix("/"))
    return None if not name or name in MONGODBS_OWN else name


def _options(parts: SplitResult) -> list[tuple[str, str]]:
    return parse_qsl(parts.query.replace(";", "&"), keep_blank_values=True)


def _split(uri: str) -> SplitResult:
    try:
        return urlsplit(uri)
    except ValueError:
        raise unreadable() from None


def unreadable() -> SettingsError:
    """The refusal of a URI that cannot be parsed."""
    return SettingsError(
        "MONGODB_URI cannot be read. It has the form mongodb://user:password@host:port/database?option=value, with "
        "special characters in the password written as %XX."
    )
