"""Where something that has just been created can be read (RFC 9110, section 15.3.2)."""

from typing import Any, TypeVar

from flask import url_for

Thing = TypeVar("Thing")

Created = tuple[Thing, dict[str, str]]
"""What a view returns for something new: the thing itself, and the headers of its answer."""


def created(thing: Thing, endpoint: str, **ids: Any) -> Created[Thing]:
    """``thing`` with its ``Location``: the path of the view ``endpoint`` for these ``ids``."""
    return thing, {"Location": url_for(endpoint, **ids)}
