"""The keyboard focus is never lost: it stays near what was removed."""

from __future__ import annotations

from playwright.sync_api import Page, Route, expect

from tests.browser.people import Person, finished, message_box, sidebar_link, wait_for

HAS_FOCUS = "document.activeElement !== document.body"


def test_the_focus_stays_on_the_page_after_dialogs_rows_and_conversations_go(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    ada.chat("Coffee")
    page.goto("/")
    expect(message_box(page)).to_be_focused()

    page.keyboard.press("Shift+Escape")
    sidebar_link(page, "Tea").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(sidebar_link(page, "Tea")).to_be_focused()

    page.keyboard.press("Enter")
    expect(finished(page)).to_be_visible()
    expect(message_box(page)).to_be_focused()

    finished(page).get_by_role("button", name="Good answer").focus()
    page.go_back()
    expect(finished(page)).to_have_count(0)
    expect(message_box(page)).to_be_focused()

    toast = page.locator(".toast")
    page.get_by_role("button", name="Options: Coffee").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(sidebar_link(page, "Coffee")).to_have_count(0)
    wait_for(page, HAS_FOCUS)
    toast.get_by_role("button", name="Close").focus()
    page.keyboard.press("Enter")
    expect(toast).to_have_count(0)
    expect(message_box(page)).to_be_focused()


def test_the_focus_stays_in_the_conversation_when_what_had_it_is_removed(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat('Tea')}")
    button = finished(page).get_by_role("button", name="Good answer")
    button.focus()
    button.evaluate("(button) => button.closest('.message').remove()")
    expect(page.get_by_role("region", name="Conversation")).to_be_focused()


def test_deleting_the_shown_conversation_elsewhere_keeps_the_focus(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    expect(message_box(page)).to_be_focused()
    ada.api("DELETE", f"/api/conversations/{tea}")
    expect(page.get_by_text("This conversation is in the trash.")).to_be_visible()
    wait_for(page, HAS_FOCUS)


def test_the_focus_stays_in_the_list_where_somebody_went_while_the_page_was_loading(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/ChatPage-*.js", hold)
    page.goto("/", wait_until="commit")
    sidebar_link(page, "Tea").focus()
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(message_box(page)).to_be_visible()
    expect(sidebar_link(page, "Tea")).to_be_focused()
    page.keyboard.press("Enter")
    expect(message_box(page)).to_be_focused()
