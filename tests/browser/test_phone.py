"""The page on a phone, and in a window as small as one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from tests.browser.people import Person, Window, finished, message_box, sidebar_link
from tests.support.server import ServerProcess

UPRIGHT: ViewportSize = {"width": 390, "height": 780}
ON_ITS_SIDE: ViewportSize = {"width": 844, "height": 390}

numbers = itertools.count(1)


@pytest.fixture
def phone(browser: Browser, server: ServerProcess) -> Iterator[Person]:
    """Somebody in front of a new chat, with two conversations, on a phone."""
    with Window.open(browser, server.base_url, viewport=UPRIGHT, has_touch=True, is_mobile=True) as window:
        person = Person.register(window, f"phone{next(numbers)}.{os.getpid()}@example.org", "Ada")
        for title in ("Tea", "Ships"):
            person.chat(title)
        yield person


def drawer(page: Page) -> Locator:
    return page.get_by_role("dialog", name="Conversations")


def open_drawer(page: Page) -> None:
    page.get_by_role("button", name="Open sidebar").click()
    expect(drawer(page)).to_be_visible()


def heading(page: Page) -> Locator:
    return page.get_by_role("heading", level=1)


def test_back_closes_the_drawer_and_opening_a_page_leaves_no_trace_of_it(phone: Person) -> None:
    page = phone.page
    open_drawer(page)
    sidebar_link(page, "Tea").click()
    expect(heading(page)).to_have_text("Tea")
    open_drawer(page)
    page.go_back()
    expect(drawer(page)).to_have_count(0)
    expect(heading(page)).to_have_text("Tea")
    open_drawer(page)
    sidebar_link(page, "Ships").click()
    expect(heading(page)).to_have_text("Ships")
    page.go_back()
    expect(heading(page)).to_have_text("Tea")
    expect(drawer(page)).to_have_count(0)
    open_drawer(page)
    page.reload()
    expect(heading(page)).to_have_text("Tea")
    expect(drawer(page)).to_have_count(0)


def test_the_menu_of_a_conversation_shows_no_keys_and_stays_on_the_screen(phone: Person) -> None:
    page = phone.page
    open_drawer(page)
    page.get_by_role("button", name="Options: Tea").click()
    menu = page.get_by_role("menu")
    texts = ["Rename", "Pin", "Move to project…", "Tags…", "Select", "Archive", "Delete"]
    expect(menu.get_by_role("menuitem")).to_have_text(texts, use_inner_text=True)
    box = menu.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= UPRIGHT["width"]


def test_enter_starts_a_new_line_where_the_keyboard_is_on_the_screen(phone: Person) -> None:
    page = phone.page
    message_box(page).fill("First line")
    message_box(page).press("Enter")
    message_box(page).press_sequentially("second line")
    expect(message_box(page)).to_have_value("First line\nsecond line")
    expect(message_box(page)).to_have_attribute("enterkeyhint", "enter")
    page.get_by_role("button", name="Send").click()
    expect(finished(page)).to_be_visible()


def test_turning_a_phone_on_its_side_keeps_the_sidebar_closed(phone: Person) -> None:
    page = phone.page
    page.set_viewport_size(ON_ITS_SIDE)
    expect(page.locator(".sidebar")).to_have_count(0)
    page.reload()
    expect(message_box(page)).to_be_visible()
    expect(page.locator(".sidebar:visible")).to_have_count(0)
    open_drawer(page)


def test_on_a_phone_on_its_side_a_new_chat_is_not_crowded(phone: Person) -> None:
    page = phone.page
    phone.api("PATCH", "/api/auth/me", settings={"language": "de"})
    page.set_viewport_size(ON_ITS_SIDE)
    page.reload()
    greeting = page.get_by_role("heading", name="Was beschäftigt dich")
    expect(greeting).to_be_visible()
    box = greeting.bounding_box()
    assert box
    assert box["y"] >= 16
    rows = page.locator(".suggestions button").evaluate_all("(all) => all.map((one) => one.offsetTop)")
    assert len(set(rows)) == 1


def test_starred_messages_fit_on_a_phone(phone: Person) -> None:
    page = phone.page
    chat = phone.chat(
        "A title that is much longer than a phone is wide, so that its end is left out", words="word " * 50
    )
    message = phone.api("GET", f"/api/conversations/{chat}/messages")["items"][1]["id"]
    phone.api("PATCH", f"/api/conversations/{chat}/messages/{message}", starred=True)
    page.goto("/starred")
    box = page.get_by_role("link", name="A title that is much longer").bounding_box()
    assert box
    assert box["x"] + box["width"] <= UPRIGHT["width"]


def test_a_sidebar_that_becomes_a_drawer_takes_the_focus_and_hears_escape(ada: Person, page: Page) -> None:
    sidebar = page.get_by_role("complementary", name="Conversations")
    expect(sidebar).to_be_visible()
    page.set_viewport_size(UPRIGHT)
    expect(drawer(page).get_by_role("button", name="Close sidebar")).to_be_focused()
    page.keyboard.press("Escape")
    expect(drawer(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Open sidebar")).to_be_focused()
    open_drawer(page)
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(sidebar).to_be_visible()
    expect(message_box(page)).to_be_editable()


def pinch(page: Page, *apart: int) -> None:
    """Two fingers on the map, so many pixels apart from beginning to end."""
    touch = page.context.new_cdp_session(page)
    for at, distance in enumerate(apart):
        points = [{"x": 195 - distance / 2, "y": 400, "id": 0}, {"x": 195 + distance / 2, "y": 400, "id": 1}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if at else "touchStart", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_two_fingers_zoom_the_map_and_not_the_page(phone: Person) -> None:
    page = phone.page
    page.goto(f"/c/{phone.chat('Long', turns=8)}")
    page.get_by_role("button", name="Find, select, print or save").tap()
    page.get_by_role("menuitem", name="Map of the conversation").tap()
    tree = page.get_by_role("tree")
    expect(tree.get_by_role("treeitem").first).to_be_visible()
    title = page.get_by_role("heading", name="Map of the conversation").bounding_box()
    assert title
    assert title["height"] < 30, "one line"
    expect(tree).to_have_attribute("data-zoom", "2")
    pinch(page, 100, 120, 150)
    expect(tree).to_have_attribute("data-zoom", "3")
    pinch(page, 300, 200, 140, 90)
    expect(tree).to_have_attribute("data-zoom", "0")
    assert page.evaluate("visualViewport.scale") == 1
