"""The thread: where it stands, and scrolling it."""

from __future__ import annotations

from playwright.sync_api import Page

TOP = "document.querySelector('.thread-scroller').scrollTop"
FROM_END = """(() => { const box = document.querySelector('.thread-scroller');
    return box.scrollHeight - box.clientHeight - box.scrollTop })()"""
PLACES = """Object.fromEntries([...document.querySelectorAll('[data-message-id]')]
    .map((row) => [row.dataset.messageId, row.getBoundingClientRect().top])
    .filter(([, top]) => top > 60 && top < innerHeight))"""
SETTLED = """async (from) => {
    const box = document.querySelector('.thread-scroller');
    const frame = () => new Promise(requestAnimationFrame);
    for (let frames = 0; box.scrollTop === from && frames < 60; frames += 1) await frame();  // until it starts to move
    for (let still = 0, top = NaN; still < 12; ) {
        await frame();
        still = box.scrollTop === top ? still + 1 : 0;
        top = box.scrollTop;
    }
}"""


def wheel(page: Page, by: int) -> None:
    page.locator(".thread-scroller").hover()
    before = page.evaluate(TOP)
    page.mouse.wheel(0, by)
    page.evaluate(SETTLED, before)
