from __future__ import annotations

import subprocess
import sys

import pytest

CHECK = "import sys; from config.preload import check_mongodb_uri; check_mongodb_uri(sys.argv[1])"


def check(uri: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because the check patches the standard library first."""
    return subprocess.run([sys.executable, "-c", CHECK, uri], capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    "uri", ["mongodb://host/", "mongodb://u:p%40ss@a:1,b:2/?replicaSet=rs", "mongodb+srv://cluster"]
)
def test_what_the_driver_can_read_passes(uri: str) -> None:
    assert check(uri).returncode == 0


@pytest.mark.parametrize("uri", ["mongodb://u:p@ss/w@host/", "mongodb://host:port/", "mongodb://host/?w"])
def test_what_it_cannot_read_is_refused_without_repeating_it(uri: str) -> None:
    result = check(uri)
    assert "SettingsError: MONGODB_URI cannot be read" in result.stderr
    assert uri not in result.stderr.splitlines()[-1]
