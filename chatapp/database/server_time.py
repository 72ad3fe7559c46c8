"""Following MongoDB's clock."""

import time
from datetime import datetime
from typing import Any

from pymongo.database import Database

from chatapp.clock import set_clock


def follow_server_time(database: Database[dict[str, Any]]) -> None:
    """Sets this process's clock to the primary's. What the answer took is counted half.

    Raises:
        PyMongoError: there is no primary that answers.
    """
    asked_at = time.monotonic()
    hello = database.client.admin.command("hello", codec_options=database.codec_options)
    server_time: datetime = hello["localTime"]
    set_clock(server_time, (asked_at + time.monotonic()) / 2)
