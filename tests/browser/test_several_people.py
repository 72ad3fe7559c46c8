"""Several people in one browser: nobody sees or sends what is another's, and nothing of it is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.people import PASSWORD, Person, Window, finished, message_box, sidebar_link, titles
from tests.browser.responses import START, hold, send_in_vain
from tests.browser.signing_in import log_in, log_out, register_another, take_over

HEARS_NO_OTHER_TAB = "addEventListener('storage', (event) => event.stopImmediatePropagation())"


def test_a_waiting_message_is_not_sent_by_somebody_else(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 503", "status of 401")
    other = register_another(ada)
    send_in_vain(page, "Only Ada says this", START)
    log_out(page)
    page.unroute(START)
    log_in(page, other)
    page.wait_for_timeout(2500)  # longer than the message would wait before a retry
    assert titles(ada) == []  # the cookie belongs to the other account now
    log_out(page)
    log_in(page, ada.email)
    expect(finished(page)).to_have_count(1)
    page.wait_for_timeout(1500)
    assert len(titles(ada)) == 1


def test_a_message_that_waits_in_a_tab_is_never_stored_for_whoever_logs_in_beside_it(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 503", "status of 409", "status of 403")
    other = register_another(ada)
    page.add_init_script(HEARS_NO_OTHER_TAB)
    page.goto(f"/c/{ada.chat('Tea')}")
    send_in_vain(page, "Only Ada says this", START)
    take_over(window, other)
    second = window.another_page()
    second.goto("/")
    expect(message_box(second)).to_be_visible()
    page.unroute(START)
    for text in ("Only Ada says this", "Ada Lovelace", "Tea"):
        expect(page.get_by_text(text)).to_have_count(0)
    page.goto("/")
    expect(message_box(page)).to_be_visible()
    assert titles(ada) == []  # the cookie belongs to the other account now
    log_out(page)
    log_in(page, ada.email)
    sidebar_link(page, "Tea").click()
    expect(finished(page)).to_have_count(2)
    expect(finished(page).last).to_contain_text("Only Ada says this")


@pytest.mark.parametrize("somebody_else", [True, False])
def test_a_page_that_the_browser_kept_asks_whose_it_is_before_it_shows_anything(
    ada: Person, page: Page, window: Window, somebody_else: bool
) -> None:
    window.provokes("status of 409", "status of 403")
    other = register_another(ada)
    ada.open_chat("Tea", words="A secret")
    page.route("**/api/**", lambda _: None)  # any answer could tell the page, too, whose it is
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    if somebody_else:
        take_over(window, other)
    with page.expect_request("**/api/auth/me"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.evaluate("document.documentElement.innerText") == ""
    page.unroute("**/api/**")  # and what was kept goes on
    expect(page.locator("body")).to_be_visible()
    for text in ("A secret", "Ada Lovelace"):
        if somebody_else:
            expect(page.get_by_text(text)).to_have_count(0)
        else:
            expect(page.get_by_text(text).first).to_be_visible()


def test_a_tab_notices_that_somebody_else_has_logged_in(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    other = register_another(ada)
    message_box(page).fill("Ada's own")
    second = window.another_page()
    second.goto("/")
    expect(message_box(second)).to_be_visible()
    log_out(second)
    log_in(second, other)
    expect(page.get_by_text("Ada Lovelace")).to_have_count(0)
    expect(message_box(page)).to_have_value("")
    log_out(page)
    log_in(page, ada.email)
    expect(message_box(page)).to_have_value("Ada's own")


def test_logging_out_in_one_tab_blanks_the_others_and_logging_in_brings_them_back(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 401")
    tea = ada.chat("Tea")
    other = window.another_page()
    other.goto(f"/c/{tea}")
    expect(finished(other)).to_have_count(1)
    message_box(other).fill("Half a thought")
    other.route("**/*", hold)  # no server is needed for that
    log_out(page)
    expect(other.get_by_role("heading", name="Welcome back")).to_be_visible()
    expect(other.get_by_text("Tea")).to_have_count(0)
    expect(other.get_by_text("Ada Lovelace")).to_have_count(0)
    expect(other).to_have_title("Log in · Chatapp")
    other.unroute("**/*")
    log_in(page, ada.email)
    expect(finished(other)).to_have_count(1)
    expect(other).to_have_url(re.compile(tea))
    expect(message_box(other)).to_have_value("Half a thought")


def test_nothing_can_be_read_behind_the_dialog_that_asks_for_the_password(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 401")
    ada.open_chat("Tea", words="A secret")
    ada.api("POST", "/api/auth/logout")
    page.get_by_role("button", name="Good answer", include_hidden=True).dispatch_event("click")
    expect(page.get_by_role("heading", name="Log in again")).to_be_visible()
    expect(page).to_have_title("Log in again · Chatapp")
    assert page.evaluate("document.body.innerText.match(/A secret|Tea|Lovelace/)") is None
    expect(finished(page)).not_to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(finished(page)).to_be_visible()
    expect(page).to_have_title("Tea · Chatapp")


def test_nor_can_what_lies_over_the_page_be_read_behind_it(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    ada.open_chat("Tea", words="A secret")
    page.keyboard.press("Control+k")
    field = page.get_by_role("dialog").get_by_role("combobox")
    field.fill("secret")
    expect(page.locator(".palette mark").first).to_be_visible()
    ada.api("POST", "/api/auth/logout")
    field.press_sequentially("s")
    expect(page.get_by_role("heading", name="Log in again")).to_be_visible()
    assert page.evaluate("document.body.innerText.match(/secret|Tea|Lovelace/)") is None
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(field).to_have_value("secrets")


def test_logging_in_again_in_one_tab_applies_to_all(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    chats = [ada.chat("Tea"), ada.chat("Coffee")]
    log_out(page)
    page.get_by_label("Remember me").uncheck()
    log_in(page, ada.email)
    tabs = [page, window.another_page()]
    for tab, chat in zip(tabs, chats, strict=True):
        tab.goto(f"/c/{chat}")
        expect(finished(tab)).to_have_count(1)
        message_box(tab).fill("Still here")
    ada.api("POST", "/api/auth/logout")
    for tab in tabs:
        tab.get_by_role("button", name="Send", include_hidden=True).dispatch_event("click")
        expect(tab.get_by_role("heading", name="Log in again")).to_be_visible()
    with page.expect_request("**/api/auth/login") as asked:
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Log in").click()
    assert (asked.value.post_data_json or {})["remember"] is False  # as the person had chosen
    for tab in tabs:
        expect(tab.get_by_role("heading", name="Log in again")).to_have_count(0)
        expect(finished(tab).last).to_contain_text("Still here")
