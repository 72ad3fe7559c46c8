"""How fast the machine is at the moment: what must be quick is measured against that."""

from __future__ import annotations

from playwright.sync_api import Page

WORK = """() => {
    const once = () => {
        const began = performance.now();
        const seen = new Map();
        for (let at = 0, text = ""; at < 300_000; at += 1) {
            text = (text + at).slice(-50);
            seen.set(text.slice(0, 6), at);
        }
        return performance.now() - began;
    };
    return Math.max(once(), once(), once());
}"""

ALONE = 150
"""ms that this takes where nothing else runs."""


def slowness(page: Page) -> float:
    """How many times longer scripts take now than on a machine that does nothing else; at least 1."""
    return max(1.0, float(page.evaluate(WORK)) / ALONE)
