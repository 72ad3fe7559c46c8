from __future__ import annotations

import subprocess
import sys

import pytest

from config.errors import SettingsError
from config.mongodb_uri import check_mongodb_uri, database_in

CHECK = "import sys; from config.preload import parse_as_driver; parse_as_driver(sys.argv[1])"


def check(uri: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because it patches the standard library first."""
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


@pytest.mark.parametrize(
    "option",
    [
        *(
            "w=1",
            "W=0",
            "w=2",
            "journal=false",
            "j=false",
            "readConcernLevel=available",
            "readConcernLevel=local",
            "readConcernLevel=linearizable",
        ),
        *("readPreference=secondary", "readPreferenceTags=dc:east", "maxStalenessSeconds=120", "retryWrites=false"),
        *("retryReads=false", "fsync=true", "tls=true&readpreference=nearest", "tls=true;w=1"),
    ],
)
def test_an_option_that_durability_rests_on_is_refused_by_name(option: str) -> None:
    with pytest.raises(SettingsError) as refused:
        check_mongodb_uri(f"mongodb://me:hunter2@host/?{option}")

    name = option.replace(";", "&").rpartition("&")[2].partition("=")[0]
    line = str(refused.value)
    assert line.startswith(f"MONGODB_URI sets {name}, but")
    assert "hunter2" not in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "options",
    ["", "w=majority&journal=true&readPreference=primary&retryWrites=true", "replicaSet=rs0&tls=true&timeoutMS=9000"],
)
def test_the_same_or_other_options_are_accepted(options: str) -> None:
    check_mongodb_uri(f"mongodb://host/?{options}")


@pytest.mark.parametrize(
    ("uri", "name"),
    [
        ("mongodb://host", None),
        ("mongodb://host/?w=majority", None),
        ("mongodb://a:1,b:2/talk?replicaSet=rs", "talk"),
        ("mongodb+srv://u:p@cluster/my%2Dchat", "my-chat"),
        ("mongodb://u:p@host/admin", None),
    ],
)
def test_the_database_that_a_uri_names(uri: str, name: str | None) -> None:
    assert database_in(uri) == name
