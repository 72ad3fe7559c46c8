"""The Unix socket of the embedded MongoDB, its only way in.

It is in the data directory, which only its owner can enter. Where MongoDB or its driver cannot use a path there, the
socket is in a private folder for temporary files, which the end of the application removes.
"""

import os
import re
import socket
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

from chatapp.embedded.data_folder import DataFolder, write_private

NAME = "mongod.sock"

# MongoDB separates addresses by commas and ports by colons; pymongo turns the path into lower case.
_USABLE_PATH = re.compile(r"[a-z0-9/._-]+")


def longest_path(platform: str) -> int:
    """Bytes that the path of a Unix socket may have; ``platform`` is ``sys.platform``."""
    return 107 if platform == "linux" else 103


def place_socket(folder: DataFolder) -> Path:
    """Chooses the path of the socket, and creates a private folder if it must be there."""
    remove_socket_folder(folder)
    preferred = folder.run / NAME
    if _is_usable(preferred):
        return preferred
    private = Path(tempfile.mkdtemp(prefix="chatapp-", dir=_temporary_folder()))
    write_private(folder.socket_folder, str(private))
    return private / NAME


def remove_socket_folder(folder: DataFolder) -> None:
    """Removes the private folder that this or an earlier run has created, if there is one."""
    try:
        private = Path(folder.socket_folder.read_text())
    except FileNotFoundError:
        return
    with suppress(OSError):
        (private / NAME).unlink(missing_ok=True)
        private.rmdir()
    folder.socket_folder.unlink(missing_ok=True)


def accepts(path: Path) -> bool:
    """Whether a process listens on the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return probe.connect_ex(str(path)) == 0


def _is_usable(path: Path) -> bool:
    text = str(path)
    return len(os.fsencode(text)) <= longest_path(sys.platform) and _USABLE_PATH.fullmatch(text) is not None


def _temporary_folder() -> str:
    """TMPDIR may itself be too long; on macOS it has upper-case letters."""
    folder = tempfile.gettempdir()
    return folder if _is_usable(Path(folder) / "chatapp-12345678" / NAME) else "/tmp"  # noqa: S108 - mkdtemp is safe
