"""The built page as it lies on the disk: ``index.html``, and files whose names change with their content."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DIST = Path(__file__).resolve().parents[1] / "frontend" / "dist"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""Content codings in the order of preference, and what ends the names of the copies that the build made."""

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, and its copies by content coding."""

    path: Path
    mimetype: str
    encoded: dict[str, Path]


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """What the build made. ``index`` is None where the page has not been built.

    ``manifest`` is Vite's: what each source has become, and what it imports. ``shell`` is the frame of the page as it
    is shown before its programs are there.
    """

    index: str | None
    files: dict[str, PageFile]
    shell: str = ""
    manifest: dict[str, Any] = field(default_factory=dict)

    def needed_for(self, *sources: str) -> list[str]:
        """The files of these sources and of all that they import, each once, without those of the document itself."""
        found: dict[str, None] = {}
        for source in sources:
            found.update(dict.fromkeys(self._files_of(source, found)))
        return [file for file in found if self.index is None or file not in self.index]

    def _files_of(self, source: str, known: dict[str, None]) -> Iterator[str]:
        entry = self.manifest.get(source)
        if entry is None or entry["file"] in known:
            return
        yield entry["file"]
        for imported in entry.get("imports", ()):
            yield from self._files_of(imported, known)


def read_page(folder: Path = DIST) -> BuiltPage:
    """The page in ``folder``; one without files where there is none."""
    index = folder / "index.html"
    if not index.is_file():
        return BuiltPage(None, {})
    copies = {suffix for _, suffix in ENCODINGS}
    paths = [path for path in folder.rglob("*") if path.is_file() and path != index and path.suffix not in copies]
    files = {str(path.relative_to(folder)): _page_file(path) for path in paths}
    shell, manifest = folder / "shell.html", folder / ".vite" / "manifest.json"
    return BuiltPage(
        index.read_text(),
        files,
        shell.read_text() if shell.is_file() else "",
        json.loads(manifest.read_text()) if manifest.is_file() else {},
    )


def _page_file(path: Path) -> PageFile:
    encoded = {name: copy for name, suffix in ENCODINGS if (copy := path.with_name(path.name + suffix)).is_file()}
    return PageFile(path, mimetypes.guess_type(path.name)[0] or "application/octet-stream", encoded)
