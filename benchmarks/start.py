"""How long a start takes, with the embedded MongoDB and model: the first on an empty data folder, and later ones."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.support.application import MAKE_RUN, Application

LATER_STARTS = 5
GOAL_SECONDS = 5.0
"""From the command to the first answer of a later start, where nothing else runs."""


def main() -> int:
    """Prints the seconds; 1 where a later start takes longer than it should."""
    with tempfile.TemporaryDirectory(prefix="chatapp-start-") as folder:
        app = Application(Path(folder), command=MAKE_RUN)
        try:
            first = _start(app)
            later = [_start(app) for _ in range(LATER_STARTS)]
        finally:
            app.clean_up()
    print(f"the first start {first:.1f} s, later ones {median(later):.1f} s ({min(later):.1f} to {max(later):.1f})")
    return int(median(later) > GOAL_SECONDS)


def _start(app: Application) -> float:
    seconds = app.start()
    app.terminate()
    return seconds


if __name__ == "__main__":
    sys.exit(main())
