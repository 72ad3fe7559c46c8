"""Finding conversations in the sidebar."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, Route, expect
from pymongo.database import Database

from tests.browser.people import Person, Window, message_box, saving, send, sidebar_link
from tests.browser.responses import Late
from tests.support.long_conversations import store_conversation


def test_a_conversation_is_renamed_pinned_deleted_and_restored(ada: Person, page: Page) -> None:
    ada.chat("Old tea")
    ada.chat("Coffee")
    page.goto("/")
    page.get_by_role("button", name="Options: Old tea").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title", exact=True).fill("New tea")
    page.keyboard.press("Enter")
    expect(sidebar_link(page, "New tea")).to_be_visible()
    page.get_by_role("button", name="Options: New tea").click()
    page.get_by_role("menuitem", name="Pin").click()
    expect(page.get_by_role("heading", name="Pinned")).to_be_visible()
    page.get_by_role("button", name="Options: New tea").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(sidebar_link(page, "New tea")).to_have_count(0)
    page.locator(".toast", has_text="moved to the trash").get_by_role("button", name="Undo").click()
    expect(sidebar_link(page, "New tea")).to_be_visible()
    page.reload()
    expect(page.locator(".conversation-link").first).to_have_text("New tea")


def test_deleting_the_shown_conversation_opens_a_new_chat(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    sidebar_link(page, "Tea").focus()
    page.keyboard.press("Delete")
    expect(page).to_have_url(re.compile("/$"))
    page.goto(f"/c/{tea}")
    expect(page.get_by_text("This conversation is in the trash.")).to_be_visible()
    changes = page.get_by_role("button", name=re.compile("^(Edit|Regenerate|Good answer|Bad answer|Star)$"))
    expect(page.get_by_role("button", name="Copy")).to_have_count(2)
    expect(changes).to_have_count(0)
    page.get_by_role("button", name="Restore").click()
    expect(message_box(page)).to_be_visible()
    expect(changes).to_have_count(6)


def test_a_key_after_opening_a_conversation_does_not_act_on_it(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto("/")
    for _ in range(2):  # the second click opens nothing and leaves the focus in the list
        sidebar_link(page, "Tea").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
        page.keyboard.press("Delete")
        page.keyboard.press("F2")
    expect(page).to_have_url(re.compile(tea))
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_have_count(0)
    assert ada.api("GET", f"/api/conversations/{tea}")["trashedAt"] is None


def test_opening_a_conversation_by_mouse_or_keyboard_leads_to_the_composer(ada: Person, page: Page) -> None:
    for title in ("First", "Second"):
        ada.chat(title)
    page.goto("/")
    sidebar_link(page, "Second").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    expect(message_box(page)).to_be_focused()
    sidebar_link(page, "First").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    expect(message_box(page)).to_be_focused()


def test_the_list_loads_more_while_it_is_scrolled(ada: Person, page: Page, store: Database[dict[str, Any]]) -> None:
    owner = ada.id
    for number in range(120):
        store_conversation(store, owner, 2, title=f"Topic {number}")
    page.goto("/")
    expect(sidebar_link(page, "Topic 119")).to_be_visible()
    page.get_by_role("navigation", name="Conversations").hover()
    for _ in range(200):
        page.mouse.wheel(0, 500)
        page.wait_for_timeout(50)
        if sidebar_link(page, "Topic 0").is_visible():
            break
    expect(sidebar_link(page, "Topic 0")).to_be_visible()
    assert page.locator(".conversation-link").count() < 60


def test_a_list_that_fails_to_load_more_says_so_and_tries_again_when_asked(
    ada: Person, page: Page, window: Window, store: Database[dict[str, Any]]
) -> None:
    window.provokes("status of 500")
    owner = ada.id
    for number in range(60):
        store_conversation(store, owner, 2, title=f"Topic {number}")
    refused: list[str] = []

    def refuse(route: Route) -> None:
        refused.append(route.request.url)
        route.fulfill(status=500, body="{}")

    page.route("**/api/events?*", lambda _: None)  # its `ready` event would fetch the list again
    page.route("**/api/conversations?*cursor=*", refuse)
    page.goto("/")
    expect(sidebar_link(page, "Topic 59")).to_be_visible()
    page.get_by_role("navigation", name="Conversations").hover()
    for _ in range(10):
        page.mouse.wheel(0, 3000)
        page.wait_for_timeout(100)
    expect(page.get_by_text("Older conversations could not be loaded.")).to_be_visible()
    assert len(refused) == 1, "a failed page is not requested again and again"
    page.unroute("**/api/conversations?*cursor=*")
    page.get_by_role("button", name="Try again").click()
    page.mouse.wheel(0, 3000)
    expect(sidebar_link(page, "Topic 0")).to_be_visible()


def test_the_sidebar_is_filtered_by_title(ada: Person, page: Page) -> None:
    ada.chat("Green tea")
    ada.chat("Coffee")
    page.goto("/")
    expect(sidebar_link(page, "Coffee")).to_be_visible()
    page.get_by_role("searchbox", name="Filter by title").fill("green")
    expect(sidebar_link(page, "Coffee")).to_have_count(0)
    expect(sidebar_link(page, "Green tea")).to_be_visible()


def test_titles_begin_at_one_edge_whatever_their_language(ada: Person, page: Page) -> None:
    for title in ("Tea", "מתכון לחומוס"):
        ada.chat(title)
    page.goto("/")
    titles = page.locator(".conversation-link .conversation-title")
    expect(titles).to_have_count(2)
    begin = """(titles) => titles.map((title) => {
        const text = document.createRange();
        text.selectNodeContents(title);
        return Math.round(text.getBoundingClientRect().left);
    })"""
    left = titles.evaluate_all(begin)
    assert max(left) - min(left) < 4, left


def test_arrow_keys_and_shortcuts_switch_conversations(ada: Person, page: Page) -> None:
    ada.chat("First")
    ada.chat("Second")
    page.goto("/")
    sidebar_link(page, "Second").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("First")
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")


def test_shortcuts_switch_conversations_while_the_sidebar_is_closed(ada: Person, page: Page) -> None:
    first = ada.chat("First")
    ada.chat("Second")
    page.goto(f"/c/{first}")
    expect(sidebar_link(page, "Second")).to_be_visible()
    page.keyboard.press("Control+Shift+S")
    expect(sidebar_link(page, "Second")).to_have_count(0)
    page.keyboard.press("Alt+ArrowUp")
    expect(page.get_by_role("heading", level=1)).to_have_text("Second")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.get_by_role("heading", level=1)).to_have_text("First")


def test_a_list_requested_earlier_does_not_bring_back_a_deleted_conversation(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    deletions: list[Route] = []

    def hold_deletions(route: Route) -> None:
        if route.request.method == "DELETE":
            deletions.append(route)
        else:
            route.fallback()

    page.goto("/")
    sidebar_link(page, "Tea").focus()
    late = Late(page, re.compile(r"/api/conversations\?"))
    page.route("**/api/conversations/*", hold_deletions)
    missed = "(name) => new BroadcastChannel(name).postMessage({ type: 'missed', conversationId: '' })"
    page.evaluate(missed, f"chatapp:events:{ada.id}")  # as another tab tells it
    late.wait(page)
    page.keyboard.press("Delete")
    expect(sidebar_link(page, "Tea")).to_have_count(0)
    late.arrive()
    page.wait_for_timeout(300)
    expect(sidebar_link(page, "Tea")).to_have_count(0)
    deletions[0].continue_()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(sidebar_link(page, "Tea")).to_have_count(0)


def test_deleting_keeps_the_keyboard_focus_in_the_list(ada: Person, page: Page) -> None:
    for title in ("One", "Two", "Three"):
        ada.chat(title)
    page.goto("/")
    sidebar_link(page, "Two").focus()
    page.keyboard.press("Delete")
    expect(sidebar_link(page, "Two")).to_have_count(0)
    expect(sidebar_link(page, "One")).to_be_focused()
    page.get_by_role("button", name="Options: One").focus()
    page.keyboard.press("Enter")
    page.get_by_role("menuitem", name="Delete").press("Enter")
    expect(sidebar_link(page, "One")).to_have_count(0)
    expect(sidebar_link(page, "Three")).to_be_focused()


def test_hiding_and_showing_the_sidebar_keeps_the_keyboard_focus_on_its_button(ada: Person, page: Page) -> None:
    page.get_by_role("button", name="Close sidebar").press("Enter")
    expect(page.get_by_role("button", name="Open sidebar")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Close sidebar")).to_be_focused()


def test_a_title_that_is_being_typed_stays_while_the_list_is_scrolled(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    owner = ada.id
    for number in range(50):
        store_conversation(store, owner, 2, title=f"Topic {number}")
    page.goto("/")
    sidebar_link(page, "Topic 49").press("F2")
    page.get_by_role("textbox", name="Title", exact=True).fill("Half a na")
    page.get_by_role("navigation", name="Conversations").hover()
    for by in (2500, -2500):
        page.mouse.wheel(0, by)
        page.wait_for_timeout(300)
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_have_value("Half a na")
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_be_focused()


def test_enter_that_safari_reports_after_composing_does_not_end_renaming(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    page.goto("/")
    sidebar_link(page, "Tea").press("F2")
    page.get_by_role("textbox", name="Title", exact=True).fill("にほん")
    composed = "new KeyboardEvent('keydown', {key: 'Enter', keyCode: 229, bubbles: true, cancelable: true})"
    page.get_by_role("textbox", name="Title", exact=True).evaluate(f"(field) => field.dispatchEvent({composed})")
    page.wait_for_timeout(200)
    expect(page.get_by_role("textbox", name="Title", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(sidebar_link(page, "にほん")).to_be_visible()


def test_at_midnight_today_becomes_yesterday(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    page.clock.install()
    page.goto("/")
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
    page.clock.fast_forward("24:00:10")
    expect(page.get_by_role("heading", name="Yesterday")).to_be_visible()


def test_a_new_title_appears_in_the_list_without_a_reload(ada: Person, page: Page) -> None:
    send(page, "What is the capital of France?")
    expect(page).to_have_url(re.compile("/c/"))
    conversation = page.url.rsplit("/", 1)[1]
    ada.api("PATCH", f"/api/conversations/{conversation}", title="Capitals")
    expect(sidebar_link(page, "Capitals")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Capitals")


def test_a_change_before_the_page_listens_is_shown_once_it_does(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/events?*", hold)
    page.goto("/")
    expect(sidebar_link(page, "Tea")).to_be_visible()
    ada.api("PATCH", f"/api/conversations/{tea}", title="Coffee")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(sidebar_link(page, "Coffee")).to_be_visible()


def test_ctrl_z_takes_back_a_rename_and_a_deletion(ada: Person) -> None:
    page = ada.page
    ada.chat("Tea")
    coffee = ada.chat("Coffee")
    page.goto("/settings")
    page.get_by_role("button", name="Options: Tea").click()
    page.get_by_role("menuitem", name="Rename").click()
    page.get_by_role("textbox", name="Title", exact=True).fill("Green tea")
    page.get_by_role("textbox", name="Title", exact=True).press("Enter")
    expect(page.get_by_text("“Green tea” is the new title.")).to_be_visible()
    page.get_by_role("button", name="Options: Coffee").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("“Coffee” was moved to the trash.")).to_be_visible()

    page.keyboard.press("Control+z")
    expect(sidebar_link(page, "Coffee")).to_be_visible()
    with saving(page):
        page.keyboard.press("Control+z")
    expect(sidebar_link(page, "Tea")).to_be_visible()
    assert ada.api("GET", f"/api/conversations/{coffee}")["trashedAt"] is None
    page.reload()
    expect(sidebar_link(page, "Tea")).to_be_visible()
