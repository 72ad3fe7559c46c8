"""A name for each request, so that an answer and a line of the log can be brought together."""

import secrets
from typing import cast

from flask import g


def request_id() -> str:
    """16 hex digits, the same throughout a request."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(8)
    return cast(str, g.request_id)
