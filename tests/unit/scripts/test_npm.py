"""What npm installs may not run anything while it is installed."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = [ROOT / name for name in ("chatapp/frontend", "tests/clients", "benchmarks/lighthouse")]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_no_package_runs_a_script_when_it_is_installed(folder: Path) -> None:
    """None of them needs one: what is compiled comes as a package for each platform."""
    assert "ignore-scripts=true" in (folder / ".npmrc").read_text().splitlines()
