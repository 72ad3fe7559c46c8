"""What a person types and what a language model writes survives whatever happens."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from tests.browser.people import (
    PASSWORD,
    Person,
    Window,
    answers,
    choose_model,
    finished,
    message_box,
    send,
    sidebar_link,
)
from tests.browser.responses import START, STREAM, refuse_more_answers
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess


def test_a_draft_survives_a_reload_in_each_conversation(ada: Person, page: Page) -> None:
    tea = ada.chat("Tea")
    page.goto("/")
    message_box(page).fill("for a new chat")
    sidebar_link(page, "Tea").click()
    message_box(page).fill("for the tea")
    page.reload()
    expect(message_box(page)).to_have_value("for the tea")
    page.get_by_role("button", name="New chat").click()
    expect(message_box(page)).to_have_value("for a new chat")
    page.goto(f"/c/{tea}")
    expect(message_box(page)).to_have_value("for the tea")


def test_a_reload_in_the_middle_of_an_answer_continues_to_show_it(
    ada: Person, page: Page, provider: FakeProvider
) -> None:
    choose_model(page, "lasting")
    send(page, "Write a lot")
    expect(answers(page)).to_contain_text("tok20 ")
    page.reload()
    expect(answers(page)).to_contain_text("tok20 ")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    provider.control(go_on=True)
    expect(finished(page)).to_contain_text("tok299")
    provider.reset()
    words = finished(page).locator(".markdown").inner_text().split()
    assert words == [f"tok{number}" for number in range(300)]


def test_another_device_sees_the_answer_being_written(ada: Person, page: Page, server: ServerProcess) -> None:
    with Window.open(ada.window.browser, server.base_url) as phone:
        phone.page.goto("/login")
        phone.page.get_by_label("Email").fill(ada.email)
        phone.page.get_by_label("Password").fill(PASSWORD)
        phone.page.get_by_role("button", name="Log in").click()
        expect(message_box(phone.page)).to_be_visible()
        choose_model(page, "lasting")
        send(page, "Write a lot")
        expect(answers(page)).to_contain_text("tok5 ")
        phone.page.get_by_role("navigation", name="Conversations").get_by_role("link").first.click()
        expect(answers(phone.page)).to_contain_text("tok50 ")
        phone.page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
        expect(message_box(page)).to_be_visible()


def test_two_tabs_stay_in_step(ada: Person, page: Page, window: Window) -> None:
    tea = ada.chat("Tea")
    other = window.another_page()
    other.goto(f"/c/{tea}")
    page.goto(f"/c/{tea}")
    expect(finished(other)).to_have_count(1)
    send(page, "And coffee?")
    expect(finished(other)).to_have_count(2)
    expect(finished(other).last).to_contain_text("And coffee?")
    ada.api("PATCH", f"/api/conversations/{tea}", title="Coffee")
    for tab in (page, other):
        expect(sidebar_link(tab, "Coffee")).to_be_visible()


def test_a_message_written_offline_is_sent_when_the_network_is_back(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_")
    tea = ada.open_chat("Tea")
    window.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    send(page, "Sent in a tunnel")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    window.context.set_offline(False)
    expect(finished(page).last).to_contain_text("Sent in a tunnel")
    stored = ada.api("GET", f"/api/conversations/{tea}/messages")["items"]
    assert [message["content"] for message in stored].count("Sent in a tunnel") == 2  # the message and its echo


def test_a_waiting_message_is_sent_once_after_a_reload(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_FAILED")
    tea = ada.open_chat("Tea")
    page.route(STREAM, lambda route: route.abort())
    send(page, "Almost lost")
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()
    page.unroute(STREAM)
    page.reload()
    expect(finished(page).last).to_contain_text("Almost lost")
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 4


def test_a_start_whose_response_is_lost_creates_no_second_conversation(ada: Person, page: Page, window: Window) -> None:
    """The connection breaks after the server has created the conversation and before its response arrives."""
    window.provokes("net::ERR_FAILED")

    def swallow(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route(START, swallow, times=1)
    send(page, "Only one chat, please")
    expect(finished(page)).to_have_count(1)
    assert len(ada.api("GET", "/api/conversations/")["items"]) == 1


def test_a_message_whose_response_is_lost_is_stored_once(ada: Person, page: Page, window: Window) -> None:
    """The connection breaks after the server has stored everything and before its response arrives."""
    window.provokes("net::ERR_FAILED")
    tea = ada.open_chat("Tea")
    sent: list[str] = []

    def swallow(route: Route) -> None:
        sent.append((route.request.post_data_json or {})["id"])
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(STREAM, swallow)
    send(page, "Only once, please")
    expect(finished(page)).to_have_count(2)
    expect(page.locator("article.unsent")).to_have_count(0)
    assert len(set(sent)) == 1
    assert len(ada.api("GET", f"/api/conversations/{tea}/messages")["items"]) == 4


SILENT = """
    const real = window.fetch;
    window.fetch = async (request) => {
        const response = await real(request);
        if (!String(request.url).endsWith("/message/stream")) return response;
        const first = await response.body.getReader().read();
        const rest = new ReadableStream({ start: (body) => body.enqueue(first.value) });
        return new Response(rest, { headers: response.headers });
    };
"""
"""Only the first piece of a message's response arrives, and then nothing, as on a connection that died silently."""


def test_the_end_of_an_answer_is_shown_although_its_connection_died_silently(ada: Person, page: Page) -> None:
    page.add_init_script(SILENT)
    page.reload()
    send(page, "Are you there?")
    expect(finished(page)).to_contain_text("tok49")
    expect(page.get_by_role("button", name="Send")).to_be_visible()


def test_a_refused_message_keeps_its_text_and_can_be_sent_again(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 429")
    tea = ada.chat("Tea")
    page.goto(f"/c/{tea}")
    page.route(STREAM, refuse_more_answers, times=1)
    send(page, "Once more")
    expect(page.get_by_role("alert")).to_contain_text("Too many answers are being written for you at once.")
    page.get_by_role("button", name="Try again").click()
    expect(finished(page).last).to_contain_text("Once more")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_a_sign_in_that_ends_is_renewed_in_place(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    tea = ada.open_chat("Tea")
    message_box(page).fill("Written before it ended")
    ada.api("POST", "/api/auth/logout")
    # The dialog may be open already, and a pointer cannot reach the button behind it.
    page.get_by_role("button", name="Send", include_hidden=True).dispatch_event("click")
    expect(page.get_by_role("heading", name="Log in again")).to_be_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(finished(page).last).to_contain_text("Written before it ended")
    expect(page).to_have_url(re.compile(tea))


def test_stop_keeps_what_was_written(ada: Person, page: Page) -> None:
    choose_model(page, "lasting")
    send(page, "Write a lot")
    expect(answers(page)).to_contain_text("tok10 ")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Send")).to_be_visible()
    kept = finished(page).locator(".markdown").inner_text()
    page.reload()
    expect(finished(page).locator(".markdown")).to_have_text(kept)


def test_each_own_message_tells_whether_it_is_on_its_way_stored_or_answered(ada: Person, page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/message/stream", hold)
    choose_model(page, "lasting")
    send(page, "Are you there?")
    expect(page.get_by_text("Sending…")).to_be_visible()
    while not held:
        page.wait_for_timeout(20)
    held[0].continue_()
    expect(page.get_by_role("img", name="Stored", exact=True)).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("img", name="Stored and answered")).to_be_visible()


def test_a_failed_answer_says_why_and_can_be_tried_again(ada: Person, page: Page, provider: FakeProvider) -> None:
    provider.behave("500")
    send(page, "Please answer")
    expect(page.locator(".answer-error")).to_be_visible()
    page.get_by_role("button", name="Try again").click()
    expect(finished(page).last).to_contain_text("tok49")
    expect(page.locator(".answer-error")).to_have_count(0)
