"""Editing, branching, continuing: nothing that was there is ever lost."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pymongo.database import Database

from tests.browser.pace import slowness
from tests.browser.people import Person, Window, answers, choose_model, finished, message_box, send, wait_for
from tests.browser.seen import faults
from tests.support.long_conversations import store_conversation
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess


def bubble(page: Page) -> Locator:
    return page.locator(".own .bubble")


def editor(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Edit")


def test_a_question_is_edited_in_place_and_its_versions_stay(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words='Tea', turns=2)}")
    bubble(page).first.hover()
    page.get_by_role("button", name="Edit").first.click()
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_value("Tea 0")
    editor(page).fill("Coffee")
    page.keyboard.press("Enter")
    expect(finished(page)).to_have_count(1)
    expect(finished(page)).to_contain_text("Coffee")
    expect(bubble(page)).to_have_text(["Coffee"])
    expect(page.get_by_text("2 of 2")).to_be_visible()
    page.get_by_role("button", name="Previous version").click()
    expect(bubble(page)).to_have_text(["Tea 0", "Tea 1"])


def test_the_arrow_key_edits_the_last_question_and_escape_leaves_it(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words='Tea', turns=2)}")
    expect(finished(page)).to_have_count(2)
    message_box(page).press("ArrowUp")
    expect(editor(page)).to_be_focused()
    expect(editor(page)).to_have_value("Tea 1")
    page.keyboard.type(" and biscuits")
    page.keyboard.press("Escape")
    expect(bubble(page)).to_have_text(["Tea 0", "Tea 1"])
    message_box(page).press("ArrowUp")
    expect(editor(page)).to_have_value("Tea 1")
    page.keyboard.press("Enter")  # nothing has changed
    expect(editor(page)).to_have_count(0)
    expect(page.locator(".siblings")).to_have_count(0)


def test_an_edit_that_is_being_written_survives_a_reload(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    message_box(page).press("ArrowUp")
    editor(page).fill("Tell me about coffee")
    page.reload()
    expect(editor(page)).to_have_value("Tell me about coffee")
    editor(page).press("Enter")
    expect(finished(page)).to_contain_text("Tell me about coffee")


def test_an_answer_is_edited_by_hand_and_marked(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat()}")
    answers(page).get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Edit").click()
    expect(editor(page)).to_be_focused()
    editor(page).fill("Tea is *hot*.")
    page.keyboard.press("Control+Enter")
    expect(finished(page)).to_contain_text("Tea is hot.")
    expect(finished(page)).to_contain_text("Edited")
    expect(page.get_by_text("2 of 2")).to_be_visible()


def test_another_model_answers_an_earlier_question(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words='Tea', turns=2)}")
    answers(page).first.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="normal", exact=True).click()
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(finished(page)).to_contain_text("tok49")
    thread = page.locator(".thread-scroller")
    expect(thread).to_be_focused()  # as what had the focus is gone
    expect(thread).to_have_css("outline-style", "none")
    page.keyboard.press("Home")
    expect(thread).to_have_css("outline-style", "solid")


def test_a_stopped_answer_is_continued_as_another_version(ada: Person, page: Page, provider: FakeProvider) -> None:
    choose_model(page, "lasting")
    send(page, "Write a lot")
    expect(answers(page)).to_contain_text("tok5 ")
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped")).to_be_visible()
    before = finished(page).locator(".message-text").inner_text()
    provider.behave("normal")
    page.get_by_role("button", name="Continue").press("Enter")
    expect(page.get_by_text("2 of 2")).to_be_visible()
    expect(page.locator(".answer .message-text")).to_contain_text(before)


def test_reasoning_is_folded_and_not_copied_with_the_answer(ada: Person, page: Page, window: Window) -> None:
    window.context.grant_permissions(["clipboard-read", "clipboard-write"])
    choose_model(page, "echo")
    send(page, "<think>They greet me.</think>Hello")
    expect(finished(page)).to_contain_text("Hello")
    expect(finished(page)).not_to_contain_text("They greet me")
    finished(page).get_by_role("button", name="Copy").click()
    wait_for(page, "navigator.clipboard.readText().then((text) => text === 'Hello')")
    page.get_by_role("button", name="Thought").press("Enter")
    expect(finished(page)).to_contain_text("They greet me.")
    page.get_by_role("button", name="Copy the thoughts").click()
    wait_for(page, "navigator.clipboard.readText().then((text) => text === 'They greet me.')")


def test_what_another_device_has_branched_appears_with_its_picker(ada: Person, page: Page) -> None:
    tea = ada.open_chat()
    first = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][0]
    ada.api("POST", f"/api/conversations/{tea}/messages", content="Coffee", editOf=first["id"])
    expect(bubble(page)).to_have_text(["Coffee"])
    expect(page.get_by_text("2 of 2")).to_be_visible()


def open_map(page: Page) -> Locator:
    page.get_by_role("button", name="Find, select, print or save").click()
    page.get_by_role("menuitem", name="Map of the conversation").click()
    tree = page.get_by_role("tree")
    expect(tree).to_be_focused()
    return tree


def test_the_map_shows_every_branch_and_the_keyboard_goes_there(ada: Person, page: Page) -> None:
    tea = ada.chat(words="Tea", turns=2)
    first = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][0]
    ada.api("POST", f"/api/conversations/{tea}/messages", content="Coffee", editOf=first["id"])
    page.goto(f"/c/{tea}")
    expect(bubble(page)).to_have_text(["Coffee"])
    rows = open_map(page).get_by_role("treeitem")
    expect(rows).to_have_count(5)
    expect(rows.last).to_contain_text("(shown)")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(bubble(page)).to_have_text(["Tea 0", "Tea 1"])
    page.get_by_role("button", name="Undo").click()
    expect(bubble(page)).to_have_text(["Coffee"])


def test_in_the_trash_the_map_leads_to_another_branch_and_changes_nothing(ada: Person, page: Page) -> None:
    tea = ada.chat(words="Tea", turns=2)
    first = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][0]
    ada.api("POST", f"/api/conversations/{tea}/messages", content="Coffee", editOf=first["id"])
    ada.api("DELETE", f"/api/conversations/{tea}")
    page.goto(f"/c/{tea}")
    expect(bubble(page)).to_have_text(["Coffee"])
    open_map(page).get_by_role("treeitem").nth(1).click()
    expect(bubble(page)).to_have_text(["Tea 0", "Tea 1"])
    page.get_by_role("button", name="Go to the latest message").click()
    expect(bubble(page)).to_have_text(["Coffee"])


def test_the_open_map_follows_what_other_devices_do(ada: Person, page: Page) -> None:
    tea = ada.chat(words="Tea", turns=2)
    first = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][0]
    page.goto(f"/c/{tea}")
    rows = open_map(page).get_by_role("treeitem")
    expect(rows).to_have_count(4)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    ada.api("POST", f"/api/conversations/{tea}/messages", content="Coffee", editOf=first["id"])
    expect(rows).to_have_count(5)
    here = page.locator("[role=treeitem][aria-selected=true]")
    expect(here).to_contain_text("Tea 0")
    expect(here).to_have_attribute("data-role", "assistant")
    session = ada.api("POST", "/api/chat/start", conversationId=tea)["sessionId"]
    ada.api("POST", f"/api/chat/{session}/message", content="Go on")
    expect(rows).to_have_count(7)
    expect(rows.last).to_contain_text("Go on")


def test_the_map_of_ten_thousand_messages_is_drawn_at_once_and_leads_far_back(
    ada: Person, page: Page, store: Database[dict[str, Any]]
) -> None:
    page.goto(f"/c/{store_conversation(store, ada.id, 10_000)}")
    expect(page.get_by_text("Message number 9999.")).to_be_visible()
    rows = open_map(page).get_by_role("treeitem")
    expect(rows.last).to_contain_text("Message number 9999.")
    drawn = page.evaluate(
        """async () => {
            const zoom = document.querySelector('.map header button');
            const started = performance.now();
            zoom.click();
            await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
            const first = performance.now() - started;
            document.querySelector('.map header button').click();
            await new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)));
            return { ms: first, nodes: document.querySelectorAll('.map *').length };
        }"""
    )
    assert drawn["ms"] < 300 * slowness(page), drawn
    assert drawn["nodes"] < 3000, drawn
    page.keyboard.press("+")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(".thread").get_by_text("Message number 1.", exact=False).first).to_be_in_viewport()


def test_two_versions_are_compared_and_one_is_kept(ada: Person, page: Page) -> None:
    tea = ada.chat(words="Tea is warm")
    answer = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][1]
    edited = {"role": "assistant", "editOf": answer["id"], "content": "Tea is hot"}
    ada.api("POST", f"/api/conversations/{tea}/messages", **edited)
    page.goto(f"/c/{tea}")
    page.get_by_role("button", name="Compare versions").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("del")).to_have_text(["warm"])
    expect(dialog.locator("ins")).to_have_text(["hot"])
    dialog.get_by_role("region", name="Version 1").get_by_role("button", name="Keep this one").press("Enter")
    expect(finished(page)).to_contain_text("Tea is warm")
    expect(page.get_by_text("1 of 2")).to_be_visible()


def test_equal_versions_are_said_to_be_equal_and_in_the_trash_they_are_only_compared(ada: Person, page: Page) -> None:
    tea = ada.chat(words="Tea is warm")
    [asked, answer] = ada.api("GET", f"/api/conversations/{tea}/messages")["items"]
    ada.api("POST", f"/api/conversations/{tea}/messages", content=asked["content"], parentId=asked["parentId"])
    ada.api("PATCH", f"/api/conversations/{tea}", activeMessageId=answer["id"])
    ada.api("DELETE", f"/api/conversations/{tea}")
    page.goto(f"/c/{tea}")
    expect(page.get_by_text("1 of 2")).to_be_visible()
    expect(page.get_by_role("button", name="Next version")).to_have_count(0)
    page.get_by_role("button", name="Compare versions").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("These versions are the same.")).to_be_visible()
    expect(dialog.get_by_text("Tea is warm")).to_have_count(2)
    expect(dialog.get_by_role("button", name="Keep this one")).to_have_count(0)
    page.set_viewport_size({"width": 390, "height": 780})
    expect(dialog.get_by_text("These versions are the same.")).to_be_visible()


@pytest.mark.parametrize(
    ("theme", "options"),
    [("light", {}), ("dark", {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True})],
)
def test_axe_finds_nothing_in_edits_versions_and_the_map(
    browser: Browser, server: ServerProcess, theme: Any, options: dict[str, Any]
) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme, **options) as window:
        ada = Person.register(window, f"branches-{theme}@example.org", "Ada")
        page = window.page
        tea = ada.chat(words="<think>They like tea.</think>Tea is warm")
        answer = ada.api("GET", f"/api/conversations/{tea}/messages")["items"][1]
        ada.api("POST", f"/api/conversations/{tea}/messages", role="assistant", editOf=answer["id"], content="Hot")
        ada.api("PATCH", f"/api/conversations/{tea}", activeMessageId=answer["id"])
        page.goto(f"/c/{tea}")
        page.get_by_role("button", name="Thought").click()
        assert faults(page) == [], "reasoning and versions"
        answers(page).get_by_role("button", name="More").click()
        assert faults(page) == [], "menu of an answer"
        page.get_by_role("menuitem", name="Edit").click()
        assert faults(page) == [], "edit"
        page.get_by_role("button", name="Cancel").click()
        page.get_by_role("button", name="Compare versions").click()
        expect(page.locator("del")).to_be_visible()
        assert faults(page) == [], "comparison"
        page.get_by_role("button", name="Close").click()
        expect(open_map(page).get_by_role("treeitem")).to_have_count(3)
        assert faults(page) == [], "map"
        page.get_by_role("button", name="Zoom in").click()
        assert faults(page) == [], "near map"
        page.get_by_role("treeitem").nth(1).click()
        expect(finished(page)).to_contain_text("Hot")


def test_a_branch_becomes_a_conversation_of_its_own(ada: Person, page: Page) -> None:
    tea = ada.chat(words="Tea", turns=2)
    page.goto(f"/c/{tea}")
    answers(page).first.get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="New conversation from here").click()
    expect(page).not_to_have_url(re.compile(tea))
    expect(bubble(page)).to_have_text(["Tea 0"])
    expect(page.get_by_role("link", name="Tea", exact=True)).to_have_count(2)
    page.go_back()
    expect(bubble(page)).to_have_text(["Tea 0", "Tea 1"])
