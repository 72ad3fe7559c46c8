"""The page's build on disk: ``index.html``, and files whose names change with their content."""

import json
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from os.path import isfile
from pathlib import Path
from typing import Any

DIST = Path(__file__).resolve().parents[1] / "frontend" / "dist"
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
"""Content codings in order of preference, each with the suffix of the compressed copies that the build made."""
COPIES = {suffix for _, suffix in ENCODINGS}

mimetypes.add_type("text/javascript", ".js")
mimetypes.add_type("font/woff2", ".woff2")


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file, and its compressed copies by content coding."""

    path: Path
    mimetype: str
    encoded: dict[str, Path]


@dataclass(frozen=True, slots=True)
class BuiltPage:
    """The build in ``folder``. ``index`` is None where the page has not been built.

    ``manifest`` is Vite's: the file that each source became, and its imports. ``skeleton`` is what the page looks
    like before its scripts have run.
    """

    index: str | None
    folder: Path = DIST
    skeleton: str = ""
    manifest: dict[str, Any] = field(default_factory=dict)

    def file(self, *names: str) -> PageFile | None:
        """The file at these names in the folder, if there is one: a build that was made after the start counts too."""
        path = self.folder.joinpath(*names)
        found = path.suffix not in COPIES and isfile(path)  # noqa: PTH113 - unlike Path, false for a name that is too long
        return _page_file(path) if found else None

    def needed_for(self, *sources: str) -> list[str]:
        """The files of these sources and all their imports, each once, except those that the document already names."""
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
    """The build in ``folder``; one without a document where there is none."""
    index = folder / "index.html"
    if not index.is_file():
        return BuiltPage(None)
    skeleton, manifest = folder / "skeleton.html", folder / ".vite" / "manifest.json"
    return BuiltPage(
        index.read_text(),
        folder,
        skeleton.read_text() if skeleton.is_file() else "",
        json.loads(manifest.read_text()) if manifest.is_file() else {},
    )


def _page_file(path: Path) -> PageFile:
    encoded = {name: copy for name, suffix in ENCODINGS if (copy := path.with_name(path.name + suffix)).is_file()}
    return PageFile(path, mimetypes.guess_type(path.name)[0] or "application/octet-stream", encoded)
