"""What axe finds on the main pages, and where something has gone wrong."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.people import RICH, Person, Window, choose_model, finished, send
from tests.browser.seen import THEMES, faults
from tests.support.server import ServerProcess


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_any_page(browser: Browser, server: ServerProcess, theme: Any) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        window.provokes("status of 404")
        page = window.page
        for path in ("/login", "/register", "/nowhere"):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert faults(page) == [], path
        ada = Person.register(window, f"axe-{theme}@example.org", "Ada")
        assert faults(page) == [], "empty chat"
        page.goto(f"/c/{ada.chat(words=RICH)}")
        expect(finished(page).locator(".katex").first).to_be_visible()
        assert faults(page) == [], "conversation"
        page.get_by_role("button", name="Options: Tea").click()
        assert faults(page) == [], "menu"
        page.keyboard.press("Escape")
        page.locator(".thread-scroller").focus()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == [], "shortcuts"
        page.goto("/settings")
        expect(page.get_by_text("This device")).to_be_visible()
        assert faults(page) == [], "settings"


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_where_something_has_gone_wrong(browser: Browser, server: ServerProcess, theme: Any) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        window.provokes("status of 429", "status of 401")
        page = window.page
        ada = Person.register(window, f"axe-fault-{theme}@example.org", "Ada")
        choose_model(page, "error_in_stream")
        send(page, "Please fail")
        expect(page.locator(".answer-error")).to_be_visible()
        assert faults(page) == [], "failed answer"
        page.route("**/api/chat/*/message/stream", lambda route: route.fulfill(status=429, body="{}"))
        send(page, "Refused")
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults(page) == [], "refused message"
        ada.api("POST", "/api/auth/logout")
        page.goto("/login")
        page.get_by_label("Email").fill("x@example.org")
        page.get_by_label("Password").fill("wrong password")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults(page) == [], "refused login"


def test_axe_finds_nothing_where_somebody_logs_in_again(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    ada.open_chat()
    ada.api("POST", "/api/auth/logout")
    # The dialog may be open already.
    page.get_by_role("button", name="Good answer", include_hidden=True).dispatch_event("click")
    expect(page.get_by_role("dialog", name="Log in again")).to_be_visible()
    assert faults(page) == []
