"""``python -m chatapp.embedded``: runs the application and everything it needs until SIGTERM or Ctrl-C."""

import argparse
import os
import sys

from chatapp.embedded import StartError
from chatapp.embedded.data_folder import unusable
from chatapp.embedded.supervisor import Supervisor
from config.settings import SettingsError, load_settings

WRONG_SETTINGS = 2
CANNOT_START = 1


def main() -> int:
    """Returns the exit status: 2 for a setting that is wrong, 1 if something else prevents the start."""
    parser = argparse.ArgumentParser(prog="python -m chatapp.embedded", description=__doc__)
    parser.add_argument("--with-parent", action="store_true", help="stop when the process that started this one ends")
    parser.add_argument("--reload", action="store_true", help="restart the workers when the code changes")
    arguments = parser.parse_args()
    parent = os.getppid() if arguments.with_parent else None
    os.umask(0o077)  # whatever is written here, by any of the processes, is private
    try:
        settings = load_settings()
    except SettingsError as error:
        return complain(error, WRONG_SETTINGS)
    options = ["--reload"] if arguments.reload else []
    try:
        return Supervisor(settings, os.environ, say=say, options=options, parent=parent).run()
    except StartError as error:
        return complain(error, CANNOT_START)
    except OSError as error:
        return complain(unusable(settings.data_dir, error), CANNOT_START)


def say(sentence: str) -> None:
    """In one write, because the web server writes to the same place."""
    print(f"chatapp: {sentence}\n", end="", flush=True)


def complain(reason: object, status: int) -> int:
    print(f"chatapp: {reason}\n", end="", file=sys.stderr, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
