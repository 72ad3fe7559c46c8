"""A narrow screen: everything can be reached, and nothing is cut off."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.people import RICH, Person, Window, choose_model, finished, saving, send, sidebar_link
from tests.browser.seen import faults, overhang
from tests.support.server import ServerProcess


def test_everything_can_be_reached_on_a_phone(browser: Browser, server: ServerProcess) -> None:
    phone = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    with Window.open(browser, server.base_url, **phone) as window:
        window.provokes("status of 401")
        page = window.page
        ada = Person.register(window, "phone@example.org", "Ada")
        tea = ada.chat("Tea", words=RICH + "wide " * 50 + "`" + "x" * 300 + "`")
        send(page, "Hello")
        expect(finished(page)).to_contain_text("tok49")
        page.get_by_role("button", name="Open sidebar").click()
        page.get_by_role("link", name="Tea", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
        expect(page.get_by_role("navigation", name="Conversations")).to_have_count(0)
        expect(page).to_have_url(f"{window.base_url}/c/{tea}")
        expect(finished(page)).to_contain_text("wide")
        assert overhang(page) == [], "nothing is wider than the screen"
        page.get_by_role("button", name="New chat").click()
        expect(page).to_have_url(f"{window.base_url}/")
        page.get_by_role("button", name="Open sidebar").click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log in")).to_be_visible()


def test_nothing_is_cut_off_on_the_smallest_screen(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, viewport={"width": 320, "height": 640}) as window:
        page = window.page
        ada = Person.register(window, "small@example.org", "Ada")
        formula = "so $" + " + ".join(f"x_{{{number}}}^2" for number in range(30)) + "$ it is"
        page.goto(f"/c/{ada.chat(words=RICH + formula)}")
        expect(finished(page).locator(".katex").last).to_be_visible()
        assert overhang(page) == []
        expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
        with saving(page):
            choose_model(page, "error_in_stream")
        send(page, "Please fail")
        expect(page.locator(".answer-error")).to_be_visible()
        page.locator(".answer-error p").evaluate("(text) => { text.textContent = 'x'.repeat(200) }")
        assert overhang(page) == []


def test_the_drawer_of_a_phone_keeps_the_keyboard_focus_until_it_is_closed(
    browser: Browser, server: ServerProcess
) -> None:
    with Window.open(browser, server.base_url, viewport={"width": 390, "height": 780}) as window:
        page = window.page
        ada = Person.register(window, "drawer@example.org", "Ada")
        ada.chat("Tea")
        choose_model(page, "crawl")
        send(page, "Slowly")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.get_by_role("button", name="Open sidebar").press("Enter")
        drawer = page.get_by_role("dialog", name="Conversations")
        expect(drawer.get_by_role("button", name="Close sidebar")).to_be_focused()
        assert faults(page) == []
        for _ in range(20):
            page.keyboard.press("Tab")
            assert page.evaluate("!document.activeElement.closest('.page')")
        sidebar_link(page, "Tea").press("F2")
        page.get_by_role("textbox", name="Title", exact=True).press("Escape")
        expect(sidebar_link(page, "Tea")).to_be_focused()
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        expect(page.get_by_role("button", name="Open sidebar")).to_be_focused()
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
