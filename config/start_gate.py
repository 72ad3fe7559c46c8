"""Lets gunicorn start and import while the parts that the application needs are still starting.

Who starts gunicorn puts the reading end of a pipe into ``CHATAPP_START_GATE``. Workers are forked when variables of the
environment, as JSON, have come through it.
"""

from __future__ import annotations

import json
import os
import sys

GATE = "CHATAPP_START_GATE"


def wait_at_gate() -> None:
    """Returns with the environment completed, or at once without a gate. Ends the process if it is given up."""
    descriptor = os.environ.pop(GATE, None)
    if descriptor is None:
        return
    with os.fdopen(int(descriptor)) as gate:
        variables = gate.read()
    if not variables:
        sys.exit(0)
    os.environ.update(json.loads(variables))
