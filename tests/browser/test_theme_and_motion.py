"""What a person has chosen to see: a theme, and nothing that moves."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import Person, Window, choose_model, send, wait_for
from tests.support.server import ServerProcess


def test_the_chosen_theme_applies_to_the_first_paint(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_FAILED")
    page.goto("/settings")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.route("**/assets/index-*.js", lambda route: route.abort())
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(21, 25, 23)"
    page.unroute("**/assets/index-*.js")


def test_with_reduced_motion_nothing_moves_by_itself(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, reduced_motion="reduce") as window:
        Person.register(window, "calm@example.org", "Ada")
        choose_model(window.page, "crawl")
        send(window.page, "Slowly")
        expect(window.page.locator("article.answer")).to_be_visible()
        running = "document.getAnimations().filter((one) => one.playState === 'running').length"
        wait_for(window.page, f"{running} === 0")
        window.page.get_by_role("button", name="Stop").click()
