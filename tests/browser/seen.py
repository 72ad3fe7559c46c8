"""What is wrong with what a page shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.browser.people import wait_for

AXE = Path(__file__).resolve().parents[2] / "chatapp" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark")
FADED_IN = """document.getAnimations().every((one) =>
    one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""


FRAME = "new Promise((painted) => requestAnimationFrame(() => requestAnimationFrame(() => painted(true))))"
"""After that, what is about to fade in has begun to."""


def faults(page: Page, *rules: str) -> list[str]:
    """What axe finds wrong with the page once it is loaded and has its final colours, by all rules or only by these."""
    page.locator("h1, [role=dialog]").filter(visible=True).first.wait_for()  # the sidebar is there sooner
    page.evaluate(FRAME)
    wait_for(page, FADED_IN)
    page.evaluate(AXE.read_text())
    options = {"resultTypes": ["violations"], **({"runOnly": rules} if rules else {})}
    found: dict[str, Any] = page.evaluate("(options) => axe.run(document, options)", options)
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found["violations"] for node in fault["nodes"]]


def overhang(page: Page) -> list[str]:
    """Parts of the thread that cannot be seen without scrolling sideways."""
    found: list[str] = page.evaluate("""() => {
        const box = document.querySelector('.thread-scroller');
        const rows = [...box.querySelectorAll('.message, .message-text, .markdown > *, .answer-error p')];
        return [box, ...rows.filter((row) => getComputedStyle(row).overflowX === 'visible')]
            .filter((row) => row.scrollWidth > row.clientWidth + 1 || row.getBoundingClientRect().right > innerWidth)
            .map((row) => `${row.className} ${row.textContent.slice(0, 40)}`);
    }""")
    return found
