"""What is typed or waits to be sent, in one tab: it can be changed, and is not lost."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.people import Person, Window, finished, message_box, send, sidebar_link, write_draft
from tests.browser.responses import START, STREAM, refuse, refuse_more_answers, send_in_vain
from tests.browser.signing_in import log_in, log_out


def test_a_waiting_message_can_be_edited_or_discarded(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 503")
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    page.route(STREAM, refuse)
    send(page, "Not like this")
    page.locator(".unsent").get_by_role("button", name="Edit").click()
    expect(message_box(page)).to_have_value("Not like this")
    expect(page.locator(".unsent")).to_have_count(0)
    send(page, "Nor like this")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator(".unsent")).to_have_count(0)
    page.unroute(STREAM)
    page.reload()
    expect(finished(page)).to_have_count(1)
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 2


def test_a_refused_message_can_be_edited_after_its_conversation_was_deleted(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 429")
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    page.route(STREAM, refuse_more_answers, times=1)
    send(page, "Not to be lost")
    expect(page.get_by_role("alert")).to_be_visible()
    ada.api("DELETE", f"/api/conversations/{tea}")
    expect(page.get_by_text("This conversation is in the trash.")).to_be_visible()
    page.locator(".unsent").get_by_role("button", name="Edit").click()
    page.get_by_role("button", name="Restore").click()
    expect(message_box(page)).to_have_value("Not to be lost")


def test_what_is_typed_while_a_conversation_starts_stays_in_the_field(ada: Person, page: Page) -> None:
    def late(route: Route) -> None:
        page.keyboard.type("And then")
        route.continue_()

    page.route(START, late)
    send(page, "First this")
    expect(finished(page)).to_have_count(1)
    expect(message_box(page)).to_have_value("And then")
    expect(message_box(page)).to_be_focused()
    page.keyboard.type(" that")
    page.get_by_role("button", name="New chat").click()
    expect(message_box(page)).to_have_value("")
    page.go_back()
    expect(message_box(page)).to_have_value("And then that")


FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"


DISABLED = "IDBFactory.prototype.open = () => { throw new DOMException('disabled', 'InvalidStateError') };"


def test_a_full_storage_loses_nothing_by_logging_out_and_in_or_by_a_reload(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 503", "status of 401")
    tea = ada.chat("Tea")
    page.add_init_script(FULL)
    page.goto(f"/c/{tea}")
    send_in_vain(page, "Almost lost", STREAM)
    message_box(page).fill("And half a thought")
    log_out(page)
    page.reload()
    log_in(page, ada.email)
    page.goto(f"/c/{tea}")
    expect(message_box(page)).to_have_value("And half a thought")
    expect(page.locator(".unsent")).to_contain_text("Almost lost")
    page.unroute(STREAM)
    expect(finished(page).last).to_contain_text("Almost lost")
    page.reload()
    expect(finished(page)).to_have_count(2)
    expect(message_box(page)).to_have_value("And half a thought")
    expect(page.locator(".unsent")).to_have_count(0)
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 4


def test_a_text_that_nothing_stores_is_reported_and_stays_while_the_tab_is_open(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.add_init_script(DISABLED)
    page.goto("/")
    write_draft(page, "Kept")
    page.evaluate(f"{FULL} 0")
    message_box(page).fill("Kept, and more")
    expect(page.get_by_text("Your browser’s storage is full.")).to_be_visible()
    sidebar_link(page, "Tea").click()
    expect(page).to_have_url(re.compile(tea))
    page.get_by_role("button", name="New chat").click()
    expect(message_box(page)).to_have_value("Kept, and more")
