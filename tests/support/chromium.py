"""The Chromium that the page's own packages bring along, so that no browser has to be installed."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

FRONTEND = Path(__file__).resolve().parents[2] / "chatapp" / "frontend"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_PRINT_PATH = "import('@sparticuz/chromium').then(async (found) => console.log(await found.default.executablePath()))"


def run_node(tool: str, *arguments: str | Path, folder: Path = FRONTEND, env: Mapping[str, str] | None = None) -> str:
    """What ``node``, ``npm`` or ``npx`` prints, run beside the page's packages or in another ``folder``.

    Raises:
        RuntimeError: the tool is neither on PATH nor beside this Python, where ``make`` puts it.
    """
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    program = shutil.which(tool, path=path)
    if program is None:
        raise RuntimeError(f"{tool} is missing: install Node, or let `make` install it")
    own = {**os.environ, "PATH": path, **(env or {})}
    done = subprocess.run([program, *arguments], cwd=folder, env=own, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def chromium_path() -> str:
    """Where the program lies; the first call unpacks it, which takes some seconds."""
    lock = Path(tempfile.gettempdir(), f"chatapp-chromium-{os.getuid()}.lock")
    with lock.open("w") as file:  # the package takes a file that another test process still writes for a whole one
        fcntl.flock(file, fcntl.LOCK_EX)
        return run_node("node", "-e", _PRINT_PATH).strip()
