"""What axe finds in the views beside the conversation itself, by day on a wide screen and by night on a phone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.people import Person, Window, finished, send
from tests.browser.seen import faults
from tests.support.server import ServerProcess

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize(("theme", "options"), [("light", {}), ("dark", PHONE)])
def test_axe_finds_nothing_in_stars_settings_of_a_chat_and_notices(
    browser: Browser, server: ServerProcess, theme: str, options: dict[str, Any]
) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme, **options) as window:
        window.provokes("status of 404")
        page = window.page
        ada = Person.register(window, f"views-{theme}@example.org", "Ada")
        tea = ada.chat("Tea")
        message = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][0]["id"]
        ada.api("PATCH", f"/api/conversations/{tea}/messages/{message}", starred=True)
        ada.api("PATCH", f"/api/conversations/{tea}", temperature=0.5)
        page.goto("/starred")
        page.get_by_role("listitem").get_by_role("link", name="Tea").click()
        expect(page.locator("[aria-current=location]")).to_be_visible()
        page.go_back()
        expect(page.get_by_role("heading", name="Starred messages")).to_be_visible()
        assert faults(page) == [], "stars"
        page.goto(f"/c/{tea}/m/{message}")
        expect(finished(page)).to_be_visible()
        assert faults(page) == [], "a linked message"
        page.get_by_role("button", name="Find, select, print or save").click()
        expect(page.get_by_role("menu")).to_be_visible()
        assert faults(page) == [], "tools"
        page.get_by_role("menuitem", name="Find in this conversation").click()
        page.get_by_role("searchbox", name="Find in this conversation").fill("tea")
        expect(page.get_by_text("1 of 2").or_(page.get_by_text("2 of 2"))).to_be_visible()
        assert faults(page) == [], "find"
        page.get_by_role("button", name="Chat settings: not all are your defaults").click()
        dialog = page.get_by_role("dialog", name="Chat settings")
        expect(dialog).to_be_visible()
        assert faults(page) == [], "settings of a chat"
        dialog.get_by_role("button", name="Back to my defaults").click()
        dialog.get_by_role("button", name="Save").click()
        expect(page.locator(".toast")).to_be_visible()
        assert faults(page) == [], "what can be undone"
        for method, change in (("PATCH", {"archived": True}), ("DELETE", {})):
            ada.api(method, f"/api/conversations/{tea}", **change)
            page.goto(f"/c/{tea}")
            expect(page.locator(".place-notice")).to_be_visible()
            assert faults(page) == [], method
        page.goto("/")
        page.get_by_role("switch", name="Temporary").click()
        assert faults(page) == [], "a new temporary chat"
        send(page, "Secret tea")
        expect(page.get_by_text("This chat is temporary.")).to_be_visible()
        expect(finished(page)).to_be_visible()
        assert faults(page) == [], "a temporary chat"
        page.goto("/c/000000000000000000000000")
        expect(page.get_by_role("heading", name="Conversation not found")).to_be_visible()
        assert faults(page) == [], "a missing conversation"
