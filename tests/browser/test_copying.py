"""Code and messages on the clipboard."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, expect
from pymongo.database import Database

from tests.browser.people import RICH, Person, Window, finished, wait_for
from tests.browser.thread import wheel
from tests.support.long_conversations import store_conversation

CLIPBOARD = "navigator.clipboard.readText()"


def test_code_and_messages_are_copied_unchanged(ada: Person, page: Page, window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/c/{ada.chat(words=RICH)}")
    finished(page).get_by_role("button", name="Copy code").click()
    wait_for(page, f"{CLIPBOARD}.then((text) => text.startsWith('def greet(name: str) -> str:\\n    return'))")
    finished(page).get_by_role("button", name="Copy", exact=True).click()
    wait_for(page, f"{CLIPBOARD}.then((text) => text === {json.dumps(RICH)})")
    finished(page).get_by_role("button", name="Wrap lines").click()
    expect(finished(page).locator("figure.code")).to_have_attribute("data-wrap", "true")


def test_copying_without_the_clipboard_api_keeps_the_keyboard_focus(ada: Person, page: Page) -> None:
    page.add_init_script("""Object.defineProperty(navigator, 'clipboard', {value: undefined});
        addEventListener('copy', () => { window.copied = getSelection().toString(); });""")
    page.goto(f"/c/{ada.chat(words='Take me along')}")
    copy = finished(page).get_by_role("button", name=re.compile("Copy|Copied"))
    copy.press("Enter")
    wait_for(page, "window.copied === 'Take me along'")
    expect(copy).to_be_focused()


def test_the_last_answer_can_be_copied_while_the_first_ones_are_read(
    ada: Person, page: Page, window: Window, store: Database[dict[str, Any]]
) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/c/{store_conversation(store, ada.id, 40)}")
    expect(page.get_by_text("Message number 39.")).to_be_visible()
    wheel(page, -20_000)
    expect(page.get_by_text("Message number 39.")).to_have_count(0)
    page.keyboard.press("Control+Shift+C")
    expect(page.get_by_role("status").get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").startswith("Message number 39.")
