"""Several tabs, several people, one browser: nothing that is typed or sent is lost between them or sent twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import PASSWORD, Person, Window, finished, message_box, send, sidebar_link

HEARS_NO_OTHER_TAB = "addEventListener('storage', (event) => event.stopImmediatePropagation())"


def log_in(page: Page, email: str) -> None:
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(message_box(page)).to_be_visible()


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_role("heading", name="Welcome back")).to_be_visible()


def register_another(ada: Person) -> str:
    """Registers another account on the same server. Ada stays signed in."""
    email = f"other.{ada.email}"
    stranger = ada.window.browser.new_context(base_url=ada.window.base_url)
    assert stranger.request.post("/api/auth/register", data={"email": email, "password": PASSWORD}).ok
    stranger.close()
    return email


def take_over(window: Window, email: str) -> None:
    """Somebody else logs in, in the same browser, and the open tabs are not told."""
    assert window.context.request.post("/api/auth/login", data={"email": email, "password": PASSWORD}).ok


def titles(person: Person) -> list[str]:
    return [conversation["title"] for conversation in person.api("GET", "/api/conversations/")["items"]]


def refuse(route: Route) -> None:
    route.fulfill(status=503, body='{"message": "Not now."}')


def hold(route: Route) -> None:
    """The request gets no response."""


def test_a_draft_that_another_tab_clears_stays_where_it_is_shown(ada: Person, page: Page, window: Window) -> None:
    message_box(page).fill("Half a thought")
    other = window.another_page()
    other.goto("/")
    expect(message_box(other)).to_have_value("Half a thought")
    message_box(other).fill("")
    other.wait_for_timeout(500)  # longer than the pause after which a draft is stored
    expect(message_box(page)).to_have_value("Half a thought")
    page.reload()
    expect(message_box(page)).to_have_value("Half a thought")


def test_a_draft_that_another_tab_sent_does_not_come_back(ada: Person, page: Page, window: Window) -> None:
    message_box(page).fill("Said once")
    other = window.another_page()
    other.goto("/")
    expect(message_box(other)).to_have_value("Said once")
    other.get_by_role("button", name="Send").click()
    expect(finished(other)).to_have_count(1)
    expect(message_box(page)).to_have_value("")
    page.reload()
    expect(message_box(page)).to_have_value("")
    assert len(titles(ada)) == 1


def test_a_waiting_message_is_not_sent_by_somebody_else(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 503", "status of 401")
    other = register_another(ada)
    page.route("**/api/chat/start", refuse)
    send(page, "Only Ada says this")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    log_out(page)
    page.unroute("**/api/chat/start")
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
    page.route("**/api/chat/start", refuse)
    send(page, "Only Ada says this")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    take_over(window, other)
    second = window.another_page()
    second.goto("/")
    expect(message_box(second)).to_be_visible()
    page.unroute("**/api/chat/start")
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
    page.goto(f"/c/{ada.chat('Tea', words='A secret')}")
    expect(finished(page)).to_contain_text("A secret")
    asked: list[Route] = []

    def keep(route: Route) -> None:
        asked.append(route)

    page.route("**/api/auth/me", keep)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    if somebody_else:
        take_over(window, other)
    with page.expect_request("**/api/auth/me"):
        page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert page.evaluate("document.documentElement.innerText") == ""
    asked[0].continue_()
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
    assert other.title() == "Log in · Chatapp"
    other.unroute("**/*")
    log_in(page, ada.email)
    expect(finished(other)).to_have_count(1)
    expect(other).to_have_url(re.compile(tea))
    expect(message_box(other)).to_have_value("Half a thought")


def test_nothing_can_be_read_behind_the_dialog_that_asks_for_the_password(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 401")
    page.goto(f"/c/{ada.chat('Tea', words='A secret')}")
    expect(finished(page)).to_contain_text("A secret")
    ada.api("POST", "/api/auth/logout")
    page.get_by_role("button", name="Good answer", include_hidden=True).dispatch_event("click")
    expect(page.get_by_role("heading", name="Log in again")).to_be_visible()
    assert page.title() == "Log in again · Chatapp"
    assert page.evaluate("document.body.innerText.match(/A secret|Tea|Lovelace/)") is None
    expect(finished(page)).not_to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(finished(page)).to_be_visible()
    assert page.title() == "Tea · Chatapp"


@pytest.mark.parametrize("locks", [True, False])
def test_a_waiting_first_message_starts_one_conversation_in_however_many_tabs(
    ada: Person, page: Page, window: Window, locks: bool
) -> None:
    window.provokes("status of 503")
    if not locks:  # as on plain HTTP
        window.context.add_init_script("delete Navigator.prototype.locks")
        page.reload()
    window.context.route("**/api/chat/start", refuse)
    send(page, "Begin once")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    other = window.another_page()
    other.goto("/")
    expect(other.get_by_text("Waiting for the connection.")).to_be_visible()
    page.wait_for_timeout(1500)
    window.context.unroute("**/api/chat/start")
    expect(finished(page)).to_have_count(1, timeout=20_000)
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
    page.route("**/api/chat/*/message/stream", respond)
    send(page, "Left behind")
    expect(page.get_by_text(state)).to_be_visible()
    page.close()
    expect(finished(other).last).to_contain_text("Left behind")
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 4


def test_a_waiting_message_can_be_edited_or_discarded(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 503")
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    page.route("**/api/chat/*/message/stream", refuse)
    send(page, "Not like this")
    page.locator(".unsent").get_by_role("button", name="Edit").click()
    expect(message_box(page)).to_have_value("Not like this")
    expect(page.locator(".unsent")).to_have_count(0)
    send(page, "Nor like this")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator(".unsent")).to_have_count(0)
    page.unroute("**/api/chat/*/message/stream")
    page.reload()
    expect(finished(page)).to_have_count(1)
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 2


def test_a_refused_message_can_be_edited_after_its_conversation_was_deleted(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 429")
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    body = '{"reason": "too_many_answers"}'
    page.route("**/api/chat/*/message/stream", lambda route: route.fulfill(status=429, body=body), times=1)
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

    page.route("**/api/chat/start", late)
    send(page, "First this")
    expect(finished(page)).to_have_count(1)
    expect(message_box(page)).to_have_value("And then")
    expect(message_box(page)).to_be_focused()
    page.keyboard.type(" that")
    page.get_by_role("button", name="New chat").click()
    expect(message_box(page)).to_have_value("")
    page.go_back()
    expect(message_box(page)).to_have_value("And then that")


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


FULL = "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') };"
DISABLED = "IDBFactory.prototype.open = () => { throw new DOMException('disabled', 'InvalidStateError') };"


def test_two_texts_for_one_conversation_are_both_kept(ada: Person, page: Page, window: Window) -> None:
    other = window.another_page()
    other.goto("/")
    expect(message_box(other)).to_be_visible()
    message_box(page).fill("From the first tab")
    page.wait_for_timeout(300)  # longer than the pause after which a draft is stored
    message_box(other).fill("From the second tab")
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


def test_a_full_storage_loses_nothing_by_logging_out_and_in_or_by_a_reload(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("status of 503", "status of 401")
    tea = ada.chat("Tea")
    page.add_init_script(FULL)
    page.goto(f"/c/{tea}")
    page.route("**/api/chat/*/message/stream", refuse)
    send(page, "Almost lost")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    message_box(page).fill("And half a thought")
    log_out(page)
    page.reload()
    log_in(page, ada.email)
    page.goto(f"/c/{tea}")
    expect(message_box(page)).to_have_value("And half a thought")
    expect(page.locator(".unsent")).to_contain_text("Almost lost")
    page.unroute("**/api/chat/*/message/stream")
    expect(finished(page).last).to_contain_text("Almost lost", timeout=20_000)
    page.reload()
    expect(finished(page)).to_have_count(2)
    expect(message_box(page)).to_have_value("And half a thought")
    expect(page.locator(".unsent")).to_have_count(0)
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 4


def test_a_text_that_nothing_stores_is_reported_and_stays_while_the_tab_is_open(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.add_init_script(DISABLED)
    page.goto("/")
    message_box(page).fill("Kept")
    page.wait_for_timeout(300)
    page.evaluate(f"{FULL} 0")
    message_box(page).fill("Kept, and more")
    expect(page.get_by_text("Your browser’s storage is full.")).to_be_visible()
    sidebar_link(page, "Tea").click()
    expect(page).to_have_url(re.compile(tea))
    page.get_by_role("button", name="New chat").click()
    expect(message_box(page)).to_have_value("Kept, and more")
