"""Where a conversation is read: at its end, further up, and again where it was left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pymongo.database import Database

from tests.browser.people import Person, Window, answers, choose_model, saving, send, sidebar_link, wait_for
from tests.browser.thread import FROM_END, PLACES, TOP, wheel
from tests.support.long_conversations import store_conversation


def test_loading_earlier_messages_can_be_retried(
    ada: Person, page: Page, window: Window, store: Database[dict[str, Any]]
) -> None:
    window.provokes("status of 500")
    long = store_conversation(store, ada.id, 60)
    page.route("**/messages?*cursor=*", lambda route: route.fulfill(status=500, body="{}"), times=1)
    page.goto(f"/c/{long}")
    expect(page.get_by_text("Message number 59.")).to_be_visible()
    page.locator(".thread-scroller").hover()
    again = page.get_by_role("button", name="Earlier messages could not be loaded.")
    for _ in range(200):
        page.mouse.wheel(0, -600)
        page.wait_for_timeout(60)
        if again.is_visible():
            break
    again.click()
    expect(again).to_have_count(0)
    first = page.get_by_text("Message number 0.")
    for _ in range(200):
        page.mouse.wheel(0, -2000)
        page.wait_for_timeout(60)
        if first.is_visible():
            break
    expect(first).to_be_visible()


@pytest.fixture
def at_the_end_of_a_long_answer(ada: Person, page: Page) -> Iterator[None]:
    """Shows the end of an answer that goes on and on."""
    page.goto(f"/c/{ada.chat(turns=6, words='Some words that take a line. ' * 12)}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
    with saving(page):
        choose_model(page, "normal:tokens=5000:gap=5")
    send(page, "A long one")
    expect(answers(page).last).to_contain_text("tok600 ")
    yield
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


@pytest.mark.usefixtures("at_the_end_of_a_long_answer")
def test_the_thread_follows_the_answer_until_the_reader_scrolls_up(page: Page) -> None:
    wait_for(page, f"{FROM_END} < 60")
    wheel(page, -700)
    kept = page.evaluate(TOP)
    grown = page.evaluate("document.querySelector('.thread-scroller').scrollHeight")
    wait_for(page, f"document.querySelector('.thread-scroller').scrollHeight > {grown + 300}")
    assert abs(page.evaluate(TOP) - kept) < 2
    page.get_by_role("button", name="Go to the latest message").click()
    wait_for(page, f"{FROM_END} < 60")


@pytest.mark.usefixtures("at_the_end_of_a_long_answer")
def test_the_thread_stays_where_the_reader_scrolls_by_a_line_with_the_keyboard(page: Page) -> None:
    page.locator(".thread-scroller").focus()
    page.keyboard.press("ArrowUp")
    wait_for(page, f"{FROM_END} > 300")
    expect(page.get_by_role("button", name="Go to the latest message")).to_be_visible()


def test_a_long_conversation_opens_at_its_end_and_loads_older_messages_in_place(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.goto(f"/c/{store_conversation(store, ada.id, 500)}")
    expect(page.get_by_text("Message number 499.")).to_be_visible()
    wait_for(page, f"{FROM_END} < 2")
    page.wait_for_timeout(1000)  # rows above the viewport are measured after the first paint
    for _ in range(200):
        if page.get_by_text("Message number 380.").is_visible():
            break
        place = page.evaluate(PLACES)
        wheel(page, -400)
        moved = page.evaluate(PLACES)
        shifts = {round(moved[key] - place[key]) for key in place.keys() & moved.keys()}
        assert all(abs(shift - 400) <= 2 for shift in shifts if shift), (
            "what is on the screen moves by exactly the scrolled distance"
        )
    expect(page.get_by_text("Message number 380.")).to_be_visible()
    assert page.evaluate("document.querySelectorAll('*').length") < 3000


def test_going_back_to_a_conversation_shows_it_at_once_and_at_its_end(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    store_conversation(store, ada.id, 200, title="First")
    store_conversation(store, ada.id, 200, title="Second")
    page.goto("/")
    sidebar_link(page, "First").click()
    expect(page.get_by_text("Message number 199.")).to_be_visible()
    sidebar_link(page, "Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    expect(page.get_by_text("Message number 199.")).to_be_visible()
    wait_for(page, f"{FROM_END} < 2")
    page.route("**/messages*", lambda _: None)  # what is shown at once needs no request
    sidebar_link(page, "First").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    expect(page.get_by_text("Message number 199.")).to_be_visible()
    wait_for(page, f"{FROM_END} < 2")


def test_going_back_to_a_conversation_shows_what_was_being_read(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    store_conversation(store, ada.id, 120, title="First")
    ada.chat("Second")
    page.goto("/")
    sidebar_link(page, "First").click()
    expect(page.get_by_text("Message number 119.")).to_be_visible()
    wheel(page, -4000)
    wheel(page, -150)
    before = page.evaluate(PLACES)
    sidebar_link(page, "Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    first = min(before, key=lambda id_: before[id_])
    wait_for(page, f"Math.abs(({PLACES})['{first}'] - {before[first]}) <= 2")


def test_a_reload_shows_what_was_being_read_however_far_back(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.goto(f"/c/{store_conversation(store, ada.id, 400)}")
    expect(page.get_by_text("Message number 399.")).to_be_visible()
    for far in (False, True):
        wheel(page, -1500)
        while far and not page.get_by_text("Message number 250.").is_visible():
            wheel(page, -4000)
        before = page.evaluate(PLACES)
        page.reload()
        first = min(before, key=lambda id_: before[id_])
        wait_for(page, f"Math.abs(({PLACES})['{first}'] - {before[first]}) <= 2")
        expect(page.locator("[aria-current=location]")).to_have_count(0)
    page.get_by_role("button", name="Go to the latest message").click()
    expect(page.get_by_text("Message number 399.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("Message number 399.")).to_be_visible()
