"""``python -m chatapp.embedded``: the application with all it needs, until SIGTERM or Ctrl-C."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from chatapp.embedded.errors import StartError
from chatapp.embedded.folder import unusable
from chatapp.embedded.supervisor import Supervisor
from config.processes import end_with_parent
from config.settings import SettingsError, load_settings

WRONG_SETTINGS = 2
CANNOT_START = 1


def main() -> int:
    """Returns the exit status: 2 for a wrong setting, 1 for a start that something is in the way of."""
    parser = argparse.ArgumentParser(prog="python -m chatapp.embedded", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="end when the process that started this one ends")
    parser.add_argument("--reload", action="store_true", help="start the workers again when the code changes")
    arguments = parser.parse_args()
    if arguments.with_parent:
        end_with_parent(os.getppid(), signal.SIGTERM)
    os.umask(0o077)  # what is written here, by whichever part, is nobody else's
    try:
        settings = load_settings()
    except SettingsError as error:
        return complain(error, WRONG_SETTINGS)
    try:
        return Supervisor(settings, os.environ, say=say, options=["--reload"] if arguments.reload else []).run()
    except StartError as error:
        return complain(error, CANNOT_START)
    except OSError as error:
        return complain(unusable(settings.data_dir, error), CANNOT_START)


def say(sentence: str) -> None:
    print(f"chatapp: {sentence}", flush=True)


def complain(reason: object, status: int) -> int:
    print(f"chatapp: {reason}", file=sys.stderr, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
