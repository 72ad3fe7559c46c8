"""Libraries are used by what they document. Ruff's SLF001 sees ``thing._name``; this sees what a subclass replaces."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import chatapp

DOCUMENTED = {"_serialize", "_deserialize"}
"""Marshmallow's own names for what a field of one's own defines."""


def test_no_class_replaces_a_private_member_of_a_library() -> None:
    replaced = [
        f"{kind.__module__}.{kind.__qualname__}.{name}"
        for kind in _own_classes()
        for name, member in vars(kind).items()
        if inspect.isfunction(member) and member.__module__ == kind.__module__
        if name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED
        if any(name in vars(base) for base in kind.__mro__[1:] if not _is_own(base))
    ]

    assert replaced == []


def _own_classes() -> Iterator[type]:
    modules = [module.name for module in pkgutil.walk_packages(chatapp.__path__, "chatapp.")]
    for name in [*modules, "config.worker", "config.request_log"]:
        if not name.endswith("__main__"):
            yield from (
                kind for _, kind in inspect.getmembers(importlib.import_module(name), inspect.isclass) if _is_own(kind)
            )


def _is_own(kind: type) -> bool:
    return kind.__module__.split(".")[0] in ("chatapp", "config")
