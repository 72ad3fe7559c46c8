"""The oldest browsers that the page works in: Safari 16.4, Firefox 115 and Chrome 109."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person, Window, finished, send, sidebar_link
from tests.support.chromium import FRONTEND
from tests.support.server import ServerProcess

LACKING = (
    "AbortSignal.any",
    "Array.fromAsync",
    "Array.prototype.toReversed",
    "Array.prototype.toSorted",
    "Array.prototype.toSpliced",
    "Array.prototype.with",
    "CSS.highlights",
    "Element.prototype.checkVisibility",
    "HTMLElement.prototype.showPopover",
    "Intl.DurationFormat",
    "Intl.Segmenter",
    "Map.groupBy",
    "Object.groupBy",
    "Promise.try",
    "Promise.withResolvers",
    "ReadableStream.from",
    "RegExp.escape",
    "Set.prototype.difference",
    "Set.prototype.intersection",
    "Set.prototype.isSubsetOf",
    "Set.prototype.union",
    "String.prototype.isWellFormed",
    "URL.canParse",
    "URL.parse",
    "Uint8Array.fromBase64",
    "window.Iterator",
    "window.navigation",
    "window.requestIdleCallback",
    "window.scheduler",
)
"""What at least one of them does not have."""

LOOKED_FOR_FIRST = {
    "CSS.highlights": "chat/useMarks.ts marks whole messages without it",
    "Array.prototype.toSorted": "a method of that name on a class of Radix's own",
    "Element.prototype.checkVisibility": "Radix does without it",
    "Intl.Segmenter": "ui/firstCharacter.ts does without it",
}
"""What the build names all the same."""

DONE_WITHOUT = {
    "p:has(>.formula))",
    "@supports not selector(:has(*))",
    ":root:has(.whole.file)",
    ":root:has(.whole.file) body",
}
"""Styles that some do not have. The first stands in a list of ``:is()``, which is read without what is unknown."""

TAKE_AWAY = f"""for (const path of {list(LACKING)}) {{
    const names = path.split(".");
    const name = names.pop();
    const owner = names.reduce((object, next) => object?.[next], window);
    if (owner) delete owner[name];
}}
delete ReadableStream.prototype[Symbol.asyncIterator];
delete ReadableStream.prototype.values;"""


def parts_of_diagrams() -> set[str]:
    """The files that only diagrams need. A browser in which Mermaid does not run shows the diagram's text instead."""
    manifest = json.loads((FRONTEND / "dist" / ".vite" / "manifest.json").read_text())

    def reached(start: str) -> set[str]:
        seen: set[str] = set()
        left = [start]
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                part = manifest[name]
                left += [*part.get("imports", ()), *(to for to in part.get("dynamicImports", ()) if not is_mermaid(to))]
        return {manifest[name]["file"] for name in seen}

    def is_mermaid(name: str) -> bool:
        return "mermaid" in name

    own = reached("index.html")
    return set().union(*(reached(name) for name in manifest if is_mermaid(name))) - own


def test_the_build_calls_nothing_that_a_supported_browser_lacks(built_page: None) -> None:
    """Grammars of the highlighter hold the names of such functions as text, so what follows a name counts too."""
    dist = FRONTEND / "dist"
    built = json.loads((dist / ".vite" / "builds.json").read_text())["last"]  # the build before is kept beside it
    left_out = parts_of_diagrams()
    scripts = "".join((dist / file).read_text() for file in built if file.endswith(".js") and file not in left_out)
    found = {path for path in LACKING if re.search(_use_of(path), scripts)}
    assert found == set(LOOKED_FOR_FIRST)
    styles = "".join((dist / file).read_text() for file in built if file.endswith(".css"))
    assert set(re.findall(r"[^{},]*:has\([^{},]*|color-mix", styles)) <= DONE_WITHOUT


def _use_of(path: str) -> str:
    owner, _, name = path.rpartition(".")
    if "prototype" in owner:
        return rf"\.{name}\??\.?\("
    return rf"\b{re.escape(path)}\b" if owner != "window" else rf"\bwindow\.{name}\b|\bnew {name}\b|\b{name}\("


def test_the_page_works_without_what_a_supported_browser_lacks(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url) as window:
        window.context.add_init_script(TAKE_AWAY)
        page = window.page
        ada = Person.register(window, "oldest@example.org", "👩‍🚀 Ada")
        assert page.evaluate("[].toSorted ?? AbortSignal.any ?? URL.canParse ?? null") is None
        tea = ada.chat("Tea", words="# Tea\n\n- [ ] `green` **black** $x^2$\n\n![a](/favicon.svg) ![b](http://h:PORT/)")
        sidebar_link(page, "Tea").click()
        expect(finished(page).locator(".formula")).to_be_visible()
        send(page, "And coffee?")
        expect(finished(page)).to_have_count(2)
        page.reload()
        expect(finished(page)).to_have_count(2)
        other = window.another_page()
        other.goto(f"/c/{tea}")
        send(other, "From another tab")
        expect(finished(page)).to_have_count(3)
        page.get_by_role("button", name="Good answer").first.click()
        page.get_by_role("link", name="Settings").click()
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()


@pytest.mark.parametrize(("locale", "words"), [("en-US", "too old for Chatapp"), ("de-DE", "zu alt für Chatapp")])
def test_an_older_browser_is_told_so_in_one_plain_page(
    browser: Browser, server: ServerProcess, locale: str, words: str
) -> None:
    with Window.open(browser, server.base_url, locale=locale) as window:
        window.context.add_init_script("delete HTMLElement.prototype.inert")
        scripts: list[str] = []
        window.page.on("request", lambda request: scripts.append(request.url) if "/SignedIn" in request.url else None)
        window.page.goto("/login")
        expect(window.page.locator("body")).to_contain_text(words)
        expect(window.page.locator("p:visible")).to_have_count(1)
        for browser_name in ("Safari 16.4", "Firefox 115", "Chrome 109"):
            expect(window.page.locator("p:visible")).to_contain_text(browser_name)
        assert scripts == []
        assert window.page.locator("#root").inner_html() == ""


def test_any_other_browser_is_told_nothing_of_that(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(page.locator(".too-old")).to_be_hidden()
