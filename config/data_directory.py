"""What commands know of the data directory of an application that runs beside them."""

from pathlib import Path

EMBEDDED_URI = "run/mongodb_uri"
"""In the data directory: written by ``chatapp.embedded`` while its MongoDB runs."""

IDENTITY = "run/identity"
"""In the data directory: which directory the other files in ``run`` are about."""


def identity_of(data_dir: Path) -> str:
    """Tells a directory from its copies: the device it is on, and its number there.

    Raises:
        OSError: the directory does not exist.
    """
    status = data_dir.stat()
    return f"{status.st_dev} {status.st_ino}"


def is_original(data_dir: Path) -> bool:
    """Whether the files in ``run`` are about this directory, and not about one that it was copied from."""
    try:
        return (data_dir / IDENTITY).read_text() == identity_of(data_dir)
    except OSError:
        return False


def embedded_uri(data_dir: Path) -> str | None:
    """How to reach the embedded MongoDB that runs on this directory."""
    try:
        return (data_dir / EMBEDDED_URI).read_text() if is_original(data_dir) else None
    except OSError:
        return None
