"""Several tabs of one person: nothing that is typed or sent is lost between them or sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import Person, Window, finished, message_box, send, sidebar_link, titles, write_draft
from tests.browser.responses import START, STREAM, hold, refuse


def test_a_draft_that_another_tab_clears_stays_where_it_is_shown(ada: Person, page: Page, window: Window) -> None:
    write_draft(page, "Half a thought")
    other = window.another_page()
    other.goto("/")
    expect(message_box(other)).to_have_value("Half a thought")
    message_box(other).fill("")
    other.wait_for_timeout(500)  # longer than the pause after which a draft is stored
    expect(message_box(page)).to_have_value("Half a thought")
    page.reload()
    expect(message_box(page)).to_have_value("Half a thought")


def test_a_draft_that_another_tab_sent_does_not_come_back(ada: Person, page: Page, window: Window) -> None:
    write_draft(page, "Said once")
    other = window.another_page()
    other.goto("/")
    expect(message_box(other)).to_have_value("Said once")
    other.get_by_role("button", name="Send").click()
    expect(finished(other)).to_have_count(1)
    expect(message_box(page)).to_have_value("")
    page.reload()
    expect(message_box(page)).to_have_value("")
    assert len(titles(ada)) == 1


@pytest.mark.parametrize("locks", [True, False])
def test_a_waiting_first_message_starts_one_conversation_in_however_many_tabs(
    ada: Person, page: Page, window: Window, locks: bool
) -> None:
    window.provokes("status of 503")
    if not locks:  # as on plain HTTP
        window.context.add_init_script("delete Navigator.prototype.locks")
        page.reload()
    window.context.route(START, refuse)
    send(page, "Begin once")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    other = window.another_page()
    other.goto("/")
    expect(other.get_by_text("Waiting for the connection.")).to_be_visible()
    page.wait_for_timeout(1500)
    window.context.unroute(START)
    expect(finished(page)).to_have_count(1)
    page.wait_for_timeout(2500)
    assert titles(ada) == ["Begin once"]


@pytest.mark.parametrize(("respond", "state"), [(refuse, "Waiting for the connection."), (hold, "Sending…")])
def test_an_unsent_message_is_sent_after_its_tab_is_closed(
    ada: Person, page: Page, window: Window, respond: Callable[[Route], None], state: str
) -> None:
    window.provokes("status of 503")
    tea = ada.chat("Tea")
    other = window.another_page()
    other.goto(f"/c/{tea}")
    page.goto(f"/c/{tea}")
    expect(finished(page)).to_have_count(1)
    page.route(STREAM, respond)
    send(page, "Left behind")
    expect(page.get_by_text(state)).to_be_visible()
    page.close()
    expect(finished(other).last).to_contain_text("Left behind")
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 4


def test_a_second_tab_shows_what_changed_while_it_was_opening(ada: Person, page: Page, window: Window) -> None:
    tea = ada.chat("Tea")
    page.goto("/")
    expect(sidebar_link(page, "Tea")).to_be_visible()
    other = window.another_page()
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    other.route(re.compile(r"/SignedIn[^/]*\.js"), hold)
    with other.expect_response(re.compile(r"/api/conversations\b")):
        other.goto("/", wait_until="commit")
    ada.api("PATCH", f"/api/conversations/{tea}", title="Coffee")
    expect(sidebar_link(page, "Coffee")).to_be_visible()  # the event arrived before the other tab could listen
    for route in held:
        route.continue_()
    expect(sidebar_link(other, "Coffee")).to_be_visible()


def test_two_texts_for_one_conversation_are_both_kept(ada: Person, page: Page, window: Window) -> None:
    other = window.another_page()
    other.goto("/")
    expect(message_box(other)).to_be_visible()
    write_draft(page, "From the first tab")
    write_draft(other, "From the second tab")
    expect(other.get_by_text("Also written here: From the first tab")).to_be_visible()
    for tab, text in ((page, "From the first tab"), (other, "From the second tab")):
        tab.reload()
        expect(message_box(tab)).to_have_value(text)
        tab.close()
    later = window.another_page()
    later.goto("/")
    expect(message_box(later)).to_have_value("From the first tab")
    later.get_by_role("button", name="Add to the message").click()
    expect(message_box(later)).to_have_value("From the first tab\n\nFrom the second tab")
    expect(message_box(later)).to_be_focused()
    expect(later.get_by_text("Also written here:")).to_have_count(0)
    later.reload()
    expect(message_box(later)).to_have_value("From the first tab\n\nFrom the second tab")
