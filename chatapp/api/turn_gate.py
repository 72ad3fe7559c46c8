"""Letting requests that begin a turn in one after the other; ``chatapp.generation.beginnings`` says why."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import g, request

from chatapp.api.parser import read_body
from chatapp.api.sign_in import presented_token
from chatapp.container import container

View = TypeVar("View", bound=Callable[..., Any])


def begins_turn(view: View) -> View:
    """Waits for room before anything is asked of the store. The outermost decorator below ``route``.

    The view tells with ``turn_has_begun`` when the rest of it keeps nobody else waiting any more.
    """

    @wraps(view)
    def admitted(*args: Any, **kwargs: Any) -> Any:
        if presented_token() is None:
            return view(*args, **kwargs)  # is refused, for nothing
        read_body(request)  # whoever sends slowly takes no room meanwhile,
        container().models.prepare()  # nor whoever waits for a provider that says nothing
        with container().chat.beginning() as g.beginning:
            return view(*args, **kwargs)

    return cast(View, admitted)


def turn_has_begun() -> None:
    """Makes room for the next turn."""
    g.beginning.end()
