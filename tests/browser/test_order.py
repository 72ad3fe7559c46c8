"""Responses come in any order: the page shows what was asked for last, and nothing that has happened is undone."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.people import Person, Window, answers, finished, message_box, send, sidebar_link
from tests.browser.responses import STREAM, Late


def test_messages_that_were_read_before_an_event_take_nothing_away(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    late = Late(page, f"**/api/conversations/{tea}/messages?*")
    page.goto(f"/c/{tea}")
    late.wait(page)
    expect(message_box(page)).to_be_visible()
    session = ada.api("POST", "/api/chat/start", conversationId=tea)["sessionId"]
    ada.api("POST", f"/api/chat/{session}/message", content="And coffee?")
    expect(finished(page)).to_have_count(2)
    late.arrive()
    page.wait_for_timeout(300)
    expect(finished(page)).to_have_count(2)


def test_a_list_that_was_read_before_an_event_takes_nothing_away(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    late = Late(page, re.compile(r"/api/conversations\?"))
    page.goto("/")
    late.wait(page)
    expect(message_box(page)).to_be_visible()
    ada.chat("Coffee")
    expect(sidebar_link(page, "Coffee")).to_be_visible()
    late.arrive()
    page.wait_for_timeout(300)
    expect(sidebar_link(page, "Coffee")).to_be_visible()


def test_feedback_that_fails_leaves_the_branch_that_is_shown(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 500", "net::ERR_FAILED")
    page.route("**/api/events?*", lambda route: route.abort())
    tea = ada.chat("Tea", model="normal")
    page.goto(f"/c/{tea}")
    page.get_by_role("button", name="Regenerate").click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    held: list[Route] = []
    page.route(
        "**/messages/*", lambda route: held.append(route) if route.request.method == "PATCH" else route.fallback()
    )
    page.get_by_role("button", name="Good answer").click()
    expect(page.get_by_role("button", name="Good answer")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Previous").click()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    held[0].fulfill(status=500, body="{}")
    expect(page.locator(".toast")).to_be_visible()
    expect(page.get_by_text("1 of 2")).to_be_visible()
    expect(answers(page)).to_have_count(1)


def test_a_message_that_is_sent_again_leaves_the_branch_that_is_shown(ada: Person, page: Page, window: Window) -> None:
    """Its first response is lost. Until it is sent again, the person has gone back to another answer."""
    window.provokes("net::ERR_", "status of 503")
    tea = ada.chat("Tea")
    page.route("**/api/events?*", lambda route: route.abort())  # nor may an event tell that it is stored
    page.goto(f"/c/{tea}")
    expect(finished(page)).to_have_count(1)
    first = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][1]["id"]
    lost: list[str] = []

    def lose(route: Route) -> None:
        if not lost:
            route.fetch()
        lost.append(route.request.url)
        route.fulfill(status=503, body="{}")

    page.route(STREAM, lose)
    send(page, "Lost on its way")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    session = ada.api("POST", "/api/chat/start", conversationId=tea)["sessionId"]
    ada.api("POST", f"/api/chat/{session}/regenerate", messageId=first)
    page.unroute(STREAM)
    expect(page.locator(".unsent")).to_have_count(0)
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(finished(page)).to_have_count(1)
