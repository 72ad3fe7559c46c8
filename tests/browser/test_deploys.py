"""A deploy replaces the page's files while people have it open, and a file may be missing at any time."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.people import Person, Window, finished, message_box, send

SETTINGS = re.compile(r"/SettingsPage-[^/]*\.js")


def gone(route: Route) -> None:
    route.fulfill(status=404, body="")


def documents(page: Page) -> list[str]:
    """The documents that the page loads from now on."""
    loaded: list[str] = []

    def note(request: Request) -> None:
        if request.is_navigation_request():
            loaded.append(request.url)

    page.on("request", note)
    return loaded


def open_settings(page: Page) -> None:
    page.get_by_role("link", name="Ada Lovelace").click()


def test_a_part_that_has_gone_with_an_earlier_release_reloads_the_page_in_its_place(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 404", "dynamically imported module")
    page.route(SETTINGS, gone, times=1)
    message_box(page).fill("Half a thought")
    loaded = documents(page)
    open_settings(page)
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()
    assert len(loaded) == 1
    page.get_by_role("button", name="New chat").click()
    expect(message_box(page)).to_have_value("Half a thought")


def test_a_part_that_stays_away_reloads_the_page_only_once(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 404", "dynamically imported module")
    page.route(SETTINGS, gone)
    loaded = documents(page)
    with page.expect_event("load"):
        open_settings(page)
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    page.wait_for_timeout(500)
    assert len(loaded) == 1
    page.unroute(SETTINGS)
    page.get_by_role("button", name="Reload").click()
    expect(page.get_by_role("heading", name="Settings", exact=True)).to_be_visible()


def test_a_page_without_network_is_not_given_up_for_a_missing_part(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_", "dynamically imported module")
    loaded = documents(page)
    window.context.set_offline(True)
    open_settings(page)
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    page.wait_for_timeout(500)
    assert loaded == []


@pytest.mark.parametrize("path", ["/", "/login"])
@pytest.mark.parametrize(
    ("script", "status", "body"),
    [("index", 404, ""), ("preload-helper", 404, ""), ("index", 200, "throw new Error('broken')")],
)
def test_a_page_whose_scripts_do_not_run_says_so(
    ada: Person, page: Page, window: Window, path: str, script: str, status: int, body: str
) -> None:
    window.provokes("status of 404", "broken")
    page.evaluate("localStorage.setItem('chatapp:language', 'de')")
    if path == "/login":
        window.context.clear_cookies()
    url = re.compile(rf"/assets/{script}-[^/]*\.js")
    page.route(url, lambda route: route.fulfill(status=status, body=body, content_type="text/javascript"))
    page.goto(path)
    expect(page.get_by_role("heading")).to_have_text("Etwas ist schiefgegangen")
    page.unroute(url)
    page.get_by_role("button", name="Neu laden").click()
    expect(page.locator("#composer" if path == "/" else "#auth-title")).to_be_visible()


def test_a_first_message_whose_conversation_was_deleted_for_good_is_sent_again(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 429", "status of 404")
    busy = '{"reason": "too_many_answers"}'
    page.route("**/api/chat/*/message/stream", lambda route: route.fulfill(status=429, body=busy), times=1)
    send(page, "Not to be lost")
    expect(page.get_by_role("alert")).to_be_visible()
    [conversation] = ada.api("GET", "/api/conversations/")["items"]
    ada.api("DELETE", f"/api/conversations/{conversation['id']}?permanent=true")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".unsent")).to_have_count(0)
    page.get_by_role("button", name="New chat").click()
    expect(page.locator(".unsent")).to_contain_text("Not to be lost")
    page.get_by_role("button", name="Try again").click()
    expect(finished(page)).to_have_count(1)
    expect(page.locator(".unsent")).to_have_count(0)
    [conversation] = ada.api("GET", "/api/conversations/")["items"]
    stored = ada.api("GET", f"/api/conversations/{conversation['id']}/messages")["items"]
    assert stored[0]["content"] == "Not to be lost"
