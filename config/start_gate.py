"""Lets gunicorn start and import its libraries while the parts that the application needs are still starting.

The process that starts gunicorn passes it the reading end of a pipe, as ``CHATAPP_START_GATE``. Gunicorn forks its
workers once it has received environment variables, as JSON, through that pipe.
"""

import json
import os
import sys

GATE = "CHATAPP_START_GATE"


def wait_at_gate() -> None:
    """Returns once the environment is complete, or at once if there is no gate.

    Raises:
        SystemExit: the pipe was closed without a message, so there is nothing to start for.
    """
    descriptor = os.environ.pop(GATE, None)
    if descriptor is None:
        return
    with os.fdopen(int(descriptor)) as gate:
        variables = gate.read()
    if not variables:
        sys.exit(0)
    os.environ.update(json.loads(variables))
