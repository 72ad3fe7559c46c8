"""A part of the page that breaks leaves the others, and the page can be reloaded."""

from __future__ import annotations

import itertools
import re

from playwright.sync_api import Page, Route, expect

from tests.browser.people import Person, Window, finished, message_box, send


def test_a_broken_page_says_so_and_can_be_reloaded(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_FAILED", "Failed to fetch dynamically imported module")
    page.route("**/assets/ChatPage-*.js", lambda route: route.abort())
    loads = itertools.count(1)
    with page.expect_event("load", lambda _page: next(loads) == 2):  # it starts anew by itself once
        page.goto("/")
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    page.unroute("**/assets/ChatPage-*.js")
    page.get_by_role("button", name="Reload").click()
    expect(message_box(page)).to_be_visible()


def break_dates(page: Page, path: str, field: str) -> None:
    """Has the server answer with a date in ``field`` of the first item that cannot be shown."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        for item in body["items"][:1]:
            item[field] = "soon"
        route.fulfill(response=response, json=body)

    page.route(re.compile(path), answer)


def test_an_error_in_one_part_of_the_page_leaves_the_others(ada: Person, page: Page, window: Window) -> None:
    window.provokes("RangeError", "Invalid time value")
    tea = ada.chat("Tea", turns=2)
    broken = page.get_by_text("Something went wrong here.")
    break_dates(page, r"/api/conversations/?\?", "updatedAt")
    break_dates(page, r"/messages\?", "createdAt")
    break_dates(page, "/api/auth/sessions", "lastSeenAt")
    page.goto(f"/c/{tea}")
    expect(page.locator("article.own").first).to_have_text("Tell me about tea 0")
    expect(finished(page).last).to_contain_text("Tell me about tea 1")
    expect(page.locator(".sidebar").get_by_text("Something went wrong here.")).to_be_visible()
    expect(broken).to_have_count(1)
    send(page, "Still there?")
    expect(finished(page).last).to_contain_text("Still there?")
    page.goto("/settings")
    expect(page.locator(".settings").get_by_text("Something went wrong here.")).to_have_count(1)
    expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()
