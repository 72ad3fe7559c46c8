"""Reading what the application has answered."""

from __future__ import annotations

import json
from typing import Any

from werkzeug.test import TestResponse


def body(answer: TestResponse) -> Any:
    """The JSON of an answer."""
    return json.loads(answer.data)
