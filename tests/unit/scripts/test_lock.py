"""The lock of the scripts, which `make run` takes while it installs and builds."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


def script(file: Path, then: str) -> list[str]:
    return ["sh", "-c", f'set -eu; . scripts/common.sh; lock "$1"; {then}', "sh", str(file)]


@pytest.fixture(params=["with flock", "without flock"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """macOS has no ``flock``."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "python3").symlink_to(sys.executable)
    flock = shutil.which("flock")
    if request.param == "with flock":
        if flock is None:
            pytest.skip("this system has no flock")
        (programs / "flock").symlink_to(flock)
    return {"PATH": str(programs)}


def test_only_one_script_holds_the_lock(tmp_path: Path, environment: dict[str, str]) -> None:
    file = tmp_path / "file"
    file.touch()
    with subprocess.Popen(
        ["/bin/sh", *script(file, "echo locked; read -r _")[1:]],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "locked\n"
        with subprocess.Popen(
            ["/bin/sh", *script(file, "echo locked")[1:]],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        ) as second:
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(1.0)
            first.communicate("go on\n")
            assert second.communicate(timeout=30)[0] == "locked\n"
