"""The application, with workers that take another for dead after a moment, so that tests see many take-overs.

On a busy machine they take living ones for dead as well: nothing may come of that but an interrupted answer.
"""

from __future__ import annotations

from chatapp.generation import reap
from wsgi import app

__all__ = ["app"]

reap.DEAD_AFTER = 2.5
reap.LOOK_EVERY = 0.3
