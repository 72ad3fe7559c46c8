"""Imports go one way: ``api`` calls ``services``, which call ``generation``, and so on down to plain values."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

VALUES = frozenset({"models", "errors", "clock"})
TOOLS = frozenset({"failpoints", "metrics", "threads"})
MAY_IMPORT = {
    "api": VALUES | {"services", "generation", "container", "metrics"},
    "services": VALUES | TOOLS | {"generation", "providers", "repositories", "search"},
    "generation": VALUES | TOOLS | {"providers", "repositories"},
    "providers": VALUES | TOOLS,
    "repositories": VALUES | TOOLS | {"search"},
    "search": VALUES,
    "maintenance": VALUES | TOOLS | {"generation", "repositories", "search", "database"},
    "database": frozenset({"clock"}),
    "embedded": frozenset(),
    "models": frozenset(),
    "errors": frozenset({"models"}),
    "clock": frozenset(),
    "failpoints": frozenset(),
    "metrics": frozenset(),
    "threads": frozenset(),
}
"""What each part of ``chatapp`` may import of the others. ``config`` is open to all, and knows none of them.

What is not named here puts the parts together, or starts them: ``container``, ``background``, ``startup``, ``cli``.
"""


@pytest.mark.parametrize("part", MAY_IMPORT)
def test_a_part_imports_only_what_lies_below_it(part: str) -> None:
    wrong = {
        f"{file.relative_to(ROOT)} imports {imported}"
        for file in _files_of(part)
        for imported in _parts_imported(file)
        if imported != part and imported not in MAY_IMPORT[part]
    }
    assert not wrong


def test_the_configuration_knows_nothing_of_the_application() -> None:
    """Gunicorn reads it before gevent has patched anything."""
    at_import = {
        (file.name, name)
        for file in (ROOT / "config").glob("*.py")
        for node in ast.parse(file.read_text()).body
        for name in _names(node)
        if name.split(".")[0] == "chatapp"
    }
    assert not at_import


def test_every_part_is_named_above() -> None:
    folders = {path.name for path in (ROOT / "chatapp").iterdir() if (path / "__init__.py").exists()}
    assert folders <= set(MAY_IMPORT)


def _files_of(part: str) -> list[Path]:
    folder = ROOT / "chatapp" / part
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


def _parts_imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        for name in _names(node):
            package, _, rest = name.partition(".")
            if package == "chatapp" and rest:
                yield rest.split(".")[0]


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
