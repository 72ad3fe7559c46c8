"""Finding everything: the palette, the page of results, and the message in its place."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.people import Person, Window, wait_for
from tests.browser.seen import faults


def palette(page: Page) -> Locator:
    return page.get_by_role("dialog").get_by_role("combobox")


def chosen(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]")


def hits(page: Page) -> Locator:
    return page.locator(".search-group li a")


def test_from_the_palette_to_the_message_on_its_branch_to_the_next_one_and_back(ada: Person, page: Page) -> None:
    conversation = ada.chat("Colours", turns=3, words="The zebra is blue")
    first = ada.api("GET", f"/api/conversations/{conversation}/messages")["items"][0]
    ada.api("POST", f"/api/conversations/{conversation}/messages", content="Rather tea", parentId=first["parentId"])
    page.goto("/")
    expect(page.locator(".open-search")).to_be_visible()
    page.keyboard.press("Control+k")
    palette(page).fill("role:user zebr")
    expect(page.locator(".palette mark")).to_have_count(3)
    expect(chosen(page)).to_contain_text("All results")
    page.keyboard.press("Enter")

    expect(page).to_have_url(f"{ada.window.base_url}/search?q=role%3Auser+zebr")
    expect(hits(page)).to_have_count(3)
    expect(hits(page).locator("mark")).to_have_text(["zebra"] * 3)
    expect(page.get_by_role("button", name="My messages")).to_have_attribute("aria-pressed", "true")
    for _ in range(2):  # the title, then the newest hit
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    expect(page.get_by_text("The zebra is blue 2").first).to_be_in_viewport()
    expect(page.get_by_text("Rather tea")).to_have_count(0)
    wait_for(page, "CSS.highlights.get('found-here')?.size === 1")
    expect(page.locator(".hit-bar")).to_contain_text("1 of 3")
    page.keyboard.press("n")
    page.keyboard.press("n")
    expect(page.locator(".hit-bar")).to_contain_text("3 of 3")
    expect(page).to_have_url(f"{ada.window.base_url}/c/{conversation}/m/{first['id']}?q=role%3Auser+zebr")
    page.keyboard.press("p")
    expect(page.locator(".hit-bar")).to_contain_text("2 of 3")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/search" in request.url else None)
    page.go_back()
    expect(hits(page)).to_have_count(3)
    assert asked == [], "Back shows the results as they were"


def test_more_results_come_with_scrolling_and_back_finds_them_where_they_were(ada: Person, page: Page) -> None:
    for number in range(4):
        ada.chat(f"Talk {number}", turns=8, words="A zebra of many words " * 12)
    page.goto("/search?q=zebra")
    box = page.locator(".search-page")
    for _ in range(400):
        if hits(page).count() > 45:
            break
        box.evaluate("box => { box.scrollTop = box.scrollHeight }")
        page.wait_for_timeout(50)
    hits(page).nth(45).scroll_into_view_if_needed()
    before = box.evaluate("box => box.scrollTop")
    hits(page).nth(45).click()
    expect(page.locator(".hit-bar")).to_contain_text("46 of")
    page.go_back()
    expect(hits(page).nth(45)).to_be_in_viewport()
    expect(hits(page).nth(45)).to_be_focused()
    wait_for(page, f"document.querySelector('.search-page').scrollTop === {before}")


def test_a_hit_that_is_chosen_at_once_stays_chosen_and_back_leads_to_what_was_typed(ada: Person, page: Page) -> None:
    ada.chat("Zebras", words="A blue zebra")
    page.route(re.compile("/(ChatPage|Thread)-[^/]*[.]js$"), lambda _: None)
    page.goto("/search")
    page.get_by_label("Search all messages").fill("zebra")
    hits(page).first.click()
    page.wait_for_timeout(500)  # longer than the address waits for another key, while the next page is on its way
    page.unroute_all()

    expect(page.locator(".hit-bar")).to_contain_text("1 of 2")
    page.go_back()
    expect(page).to_have_url(f"{ada.window.base_url}/search?q=zebra")
    expect(hits(page)).to_have_count(2)


def test_the_number_found_comes_after_the_hits_and_only_for_what_is_still_asked(ada: Person, page: Page) -> None:
    ada.chat("Zebras", turns=30, words="A blue zebra")
    counting = re.compile("q=zebra&limit=1$")
    page.route(counting, lambda _: None)  # the server counts for ever
    status = page.locator(".search-note")

    with page.expect_request(counting) as counted:
        page.goto("/search?q=zebra")
    expect(status).to_have_text(re.compile("^[24]0\\+ matches$"))
    with page.expect_event("requestfailed", lambda request: request == counted.value):
        page.get_by_label("Search all messages").fill("blue")
    expect(status).to_have_text("60 matches")

    hits(page).first.click()
    expect(page.locator(".hit-bar")).to_be_visible()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/search" in request.url else None)
    page.go_back()
    expect(status).to_have_text("60 matches")
    assert asked == [], "Back shows the number as it was"


def test_the_palette_runs_actions_and_opens_conversations_and_single_settings(ada: Person, page: Page) -> None:
    ada.chat("Green tea")
    page.goto("/")
    page.get_by_role("button", name="Search").click()
    palette(page).fill("xyzzy")
    expect(page.get_by_role("dialog").get_by_role("status")).to_have_text("Nothing was found.")
    palette(page).fill("green")
    expect(chosen(page)).to_have_text("Green tea")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Green tea")
    page.keyboard.press("Control+k")
    palette(page).fill("settings trash")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Trash")).to_be_in_viewport()
    sections = page.locator(".settings h2").all_inner_texts()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option")).to_contain_text([name + "Settings" for name in sections])
    palette(page).fill("keyboard")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()


def test_the_palette_does_what_can_be_done_with_the_conversation_that_is_shown(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat('Green tea')}")
    page.get_by_role("button", name="Close sidebar").click()

    def run(command: str) -> None:
        page.keyboard.press("Control+k")
        palette(page).fill(command)
        expect(chosen(page)).to_have_text(command + "This conversation")
        page.keyboard.press("Enter")

    run("Find in this conversation")
    expect(page.get_by_role("searchbox", name="Find in this conversation")).to_be_focused()
    for command, dialog in (("Tags…", "Tags"), ("Move to project…", "Move to project"), ("Rename", "Chat settings")):
        run(command)
        expect(page.get_by_role("dialog", name=dialog)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    run("Pin")
    run("Unpin")
    run("Delete")
    expect(page.get_by_text("“Green tea” was moved to the trash.")).to_be_visible()
    expect(page).to_have_url(f"{ada.window.base_url}/")


def test_chips_filter_and_order_and_what_no_word_begins_with_is_found_inside_of_words(ada: Person, page: Page) -> None:
    ada.chat("Zebras", turns=2, words="The zebra is blue")
    page.goto("/search?q=ebra")
    expect(hits(page).locator("mark")).to_have_text(["zebra"] * 4)
    page.get_by_role("button", name="My messages").click()
    expect(hits(page)).to_have_count(2)
    page.get_by_role("button", name="Best match first").click()
    expect(page).to_have_url(re.compile("sort=best"))
    expect(hits(page)).to_have_count(2)
    page.get_by_role("button", name="My messages").click()
    expect(hits(page)).to_have_count(4)
    page.get_by_label("Search all messages").fill("Model:echo ebra")
    expect(page.get_by_role("group", name="Filters").get_by_role("button").first).to_have_text("model:echo")
    expect(hits(page)).to_have_count(2)
    page.get_by_label("Search all messages").fill("in:title zebra")
    expect(page.get_by_text("1 match")).to_be_visible()
    expect(page.locator(".search-page").get_by_role("list")).to_have_count(0)


def test_what_is_too_long_is_cut_so_that_its_page_can_be_loaded_again(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 422")
    page.goto("/search")
    page.get_by_label("Search all messages").focus()
    page.keyboard.insert_text("水" * 10_000)
    expect(page.locator(".search-note")).to_have_text("Nothing was found.")
    expect(page).to_have_url(re.compile("q=.{7000}"))
    response = page.reload()
    assert response is not None
    assert response.ok
    page.get_by_label("Search all messages").fill("word " * 33)
    expect(page.locator(".search-note")).to_have_text("These are too many words. Search for at most 32 at once.")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)


def test_a_hit_that_another_device_has_deleted_is_one_quiet_page(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 404")
    ada.chat("Zebras", words="A blue zebra")
    hit = ada.api("GET", "/api/search?q=blue")["items"][0]
    ada.api("DELETE", f"/api/conversations/{hit['conversationId']}?permanent=true")
    with page.expect_response(re.compile("around=")):
        page.goto(f"/c/{hit['conversationId']}/m/{hit['messageId']}?q=blue")
    expect(page.get_by_role("heading", name="Conversation not found")).to_be_visible()
    expect(page.locator(".hit-bar, .toast")).to_have_count(0)


def test_an_index_that_is_behind_says_so(ada: Person, page: Page) -> None:
    answer: dict[str, object] = {
        "items": [],
        "nextCursor": None,
        "total": 0,
        "complete": False,
        "behind": 1234,
        "conversations": 2000,
    }
    page.route("**/api/search?*", lambda route: route.fulfill(json=answer))
    page.goto("/search?q=zebra")
    expect(page.get_by_text("The index is being built: 766 of 2,000 conversations")).to_be_visible()
    answer |= {"behind": 0, "complete": True, "conversations": None}
    expect(page.get_by_text("The index is being built")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_searching_is_accessible_in_both_themes_and_on_a_phone(ada: Person, page: Page, width: int, theme: str) -> None:
    ada.chat("Zebras", turns=2, words="The zebra is blue")
    ada.api("PATCH", "/api/auth/me", settings={"theme": theme, "language": "de"})
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/search?q=zebra")
    expect(hits(page)).to_have_count(4)
    assert faults(page) == []
    wait_for(page, "document.documentElement.scrollWidth <= innerWidth")
    if width == 390:
        page.get_by_role("button", name="Seitenleiste öffnen").click()
    page.locator(".open-search").click()
    palette(page).fill("zebra")
    expect(page.locator(".palette mark").first).to_be_visible()
    assert faults(page) == []
    page.keyboard.press("Escape")
    expect(palette(page)).to_have_count(0)
    if width == 390:
        page.keyboard.press("Escape")
    hits(page).first.click()
    expect(page.locator(".hit-bar")).to_be_visible()
    assert faults(page) == []
