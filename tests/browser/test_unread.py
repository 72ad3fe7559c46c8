"""Answers that ended while nobody looked."""

from __future__ import annotations

import re

from playwright.sync_api import Route, expect

from tests.browser.people import Person, sidebar_link, wait_for

BROWSER_THAT_NOTIFIES = """
    window.told = [];
    window.Notification = class {
        static permission = "default";
        static requestPermission = async () => (Notification.permission = sessionStorage.allowed = "granted");
        constructor(title, { body }) { told.push(`${title}: ${body}`); }
        close() {}
    };
    if (sessionStorage.allowed) Notification.permission = "granted";
"""


def test_an_answer_that_ended_elsewhere_has_a_dot_and_a_mark_in_the_tab_until_it_is_read(ada: Person) -> None:
    page = ada.page
    page.goto("/settings")
    expect(page).to_have_title("Settings · Chatapp")
    tea = ada.chat("Tea")
    expect(page).to_have_title("(1) Settings · Chatapp")
    expect(page.get_by_role("img", name="Unread answer")).to_be_visible()

    sidebar_link(page, "Tea").click()
    expect(page).to_have_title("Tea · Chatapp")
    expect(page.get_by_role("img", name="Unread answer")).to_have_count(0)
    page.get_by_role("link", name="Starred messages").click()
    expect(page).to_have_title(re.compile("^Starred messages"))
    expect(page.get_by_role("img", name="Unread answer")).to_have_count(0)
    assert not ada.api("GET", f"/api/conversations/{tea}")["unread"]


def test_what_was_missed_is_counted_while_the_sidebar_is_closed(ada: Person) -> None:
    page = ada.page
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/api/events?*", hold)
    page.goto("/settings")
    page.get_by_role("button", name="Close sidebar").click()
    expect(page).to_have_title("Settings · Chatapp")
    ada.chat("Tea")
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page).to_have_title("(1) Settings · Chatapp")


def test_notifications_are_asked_for_by_a_click_only_and_tell_of_an_answer_that_ended(ada: Person) -> None:
    page = ada.page
    page.add_init_script(BROWSER_THAT_NOTIFIES)
    page.goto("/settings")
    ada.chat("Coffee")
    expect(page.get_by_role("img", name="Unread answer")).to_have_count(1)
    assert page.evaluate("[Notification.permission, told.length]") == ["default", 0]
    page.get_by_label("Notify me when an answer is finished").check()
    ada.chat("Tea")
    wait_for(page, "told.length > 0")
    page.reload()
    expect(page.get_by_label("Notify me when an answer is finished")).to_be_checked()
    assert page.evaluate("told.length") == 0


def test_another_device_opens_a_conversation_where_reading_stopped(ada: Person) -> None:
    page = ada.page
    tea = ada.chat("Tea", turns=3)
    read = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][-1]["id"]
    ada.api("PATCH", f"/api/conversations/{tea}", readMessageId=read)
    session = ada.api("POST", "/api/chat/start", conversationId=tea)["sessionId"]
    ada.api("POST", f"/api/chat/{session}/message", content="\n\n".join(["A long one"] * 60))
    page.goto(f"/c/{tea}")
    expect(page.locator(f"[data-message-id='{read}']")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Go to the latest message")).to_be_visible()
