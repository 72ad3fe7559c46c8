"""Several conversations at once, projects and tags."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.people import Person, Window, finished, send, sidebar_link
from tests.browser.seen import FRAME, THEMES, faults
from tests.support.server import ServerProcess


def box(page: Page, title: str) -> Locator:
    """A conversation while some are selected."""
    return page.get_by_role("checkbox", name=title, exact=True)


def act(page: Page, name: str) -> None:
    page.get_by_role("toolbar", name="Selected conversations").get_by_role("button", name=name).click()


def titles(ada: Person, query: str) -> set[str]:
    return {str(one["title"]) for one in ada.api("GET", f"/api/conversations?{query}")["items"]}


def test_conversations_selected_with_ctrl_and_shift_are_deleted_together_and_brought_back(
    ada: Person, page: Page
) -> None:
    for title in ("One", "Two", "Three", "Four"):
        ada.chat(title)
    page.goto("/")
    sidebar_link(page, "Four").click(modifiers=["ControlOrMeta"])
    expect(page).to_have_url(re.compile("/$"))
    box(page, "Two").click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    box(page, "Three").click()
    act(page, "Delete")
    expect(page.get_by_text("Moved to the trash: 2 conversations")).to_be_visible()
    expect(page.locator(".conversation-link")).to_have_text(["Three", "One"])
    assert titles(ada, "trashed=true") == {"Four", "Two"}
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".conversation-link")).to_have_text(["Four", "Three", "Two", "One"])
    assert titles(ada, "trashed=true") == set()


def test_selecting_and_archiving_work_by_keyboard_alone(ada: Person, page: Page) -> None:
    for title in ("One", "Two", "Three"):
        ada.chat(title)
    page.goto("/")
    expect(sidebar_link(page, "One")).to_be_visible()
    page.locator("#conversation-filter").focus()
    page.keyboard.press("Tab")
    while page.evaluate("document.activeElement.textContent") != "Three":
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+ArrowDown")
    expect(box(page, "Three")).to_be_checked()
    expect(box(page, "Two")).to_be_checked()
    page.keyboard.press("Space")
    expect(box(page, "Two")).not_to_be_checked()
    page.keyboard.press("Escape")
    expect(sidebar_link(page, "Three")).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Archive").press("Enter")
    expect(page.get_by_text("Archived: “Three”")).to_be_visible()
    expect(page.locator(".conversation-link")).to_have_text(["Two", "One"])
    assert titles(ada, "archived=true") == {"Three"}
    with page.expect_response("**/api/conversations/batch"):
        page.keyboard.press("Control+z")
    expect(page.locator(".conversation-link")).to_have_text(["Three", "Two", "One"])
    assert titles(ada, "archived=true") == set()


PRESS_AT_ONCE = """async (keys) => {
    for (const key of keys) {
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
        for (let turn = 0; turn < 3; turn += 1) await null;  // until the page has changed
    }
}"""
"""Keys that come before the next frame, as on a slow machine."""


def test_the_focus_is_where_the_last_of_several_quick_keys_has_put_it(ada: Person, page: Page) -> None:
    for title in ("One", "Two"):
        ada.chat(title)
    page.goto("/")
    sidebar_link(page, "Two").focus()
    page.keyboard.press("Shift+ArrowDown")
    expect(box(page, "One")).to_be_focused()
    page.evaluate(PRESS_AT_ONCE, [" ", "Escape"])
    page.evaluate(FRAME)
    expect(sidebar_link(page, "Two")).to_be_focused()


def test_a_long_press_selects_on_a_phone(browser: Browser, server: ServerProcess) -> None:
    size = {"width": 390, "height": 800}
    with Window.open(browser, server.base_url, viewport=size, has_touch=True, is_mobile=True) as window:
        ada = Person.register(window, "long.press@example.org", "Ada")
        for title in ("One", "Two"):
            ada.chat(title)
        page = window.page
        page.goto("/")
        page.get_by_role("button", name="Open sidebar").tap()
        expect(page.get_by_role("button", name="New project")).to_be_visible()
        sidebar_link(page, "One").tap(trial=True)  # waits until the sidebar has come in
        place = sidebar_link(page, "One").bounding_box()
        assert place
        touch = window.context.new_cdp_session(page)
        point = {"x": place["x"] + 20, "y": place["y"] + 10}
        touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [point]})
        expect(box(page, "One")).to_be_checked()
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
        expect(box(page, "One")).to_be_checked()
        box(page, "Two").tap()
        expect(page.get_by_text("2 selected")).to_be_visible()
        assert faults(page) == []
        page.get_by_role("button", name="End selection").tap()
        expect(sidebar_link(page, "Two")).to_be_visible()


def test_a_project_is_made_filled_by_dragging_and_by_menu_and_deleted_without_its_conversations(
    ada: Person, page: Page
) -> None:
    for title in ("Atoms", "Waves", "Bread"):
        ada.chat(title)
    page.goto("/")
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("Physics")
    page.get_by_label("System prompt").fill("Answer as a physicist.")
    page.get_by_role("button", name="Save").click()
    project = page.get_by_role("button", name=re.compile("^Physics"))
    sidebar_link(page, "Atoms").drag_to(project)
    expect(page.get_by_text("Moved to “Physics”: “Atoms”")).to_be_visible()
    page.get_by_role("button", name="Options: Waves").click()
    page.get_by_role("menuitem", name="Move to project").click()
    page.get_by_role("dialog").get_by_role("button", name="Physics").click()
    expect(project).to_contain_text("2")
    project.click()
    expect(page.locator(".conversation-link")).to_have_text(["Waves", "Atoms"])
    sidebar_link(page, "Waves").drag_to(page.get_by_role("button", name="All conversations"))
    expect(page.locator(".conversation-link")).to_have_text(["Atoms"])
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(".conversation-link")).to_have_text(["Waves", "Atoms"])
    page.get_by_role("button", name="Options: Physics").click()
    page.get_by_role("menuitem", name="Delete project").click()
    expect(page.get_by_text("Its conversations are kept")).to_be_visible()
    page.get_by_role("button", name="Delete project").click()
    expect(project).to_have_count(0)
    expect(page.locator(".conversation-link")).to_have_text(["Bread", "Waves", "Atoms"])


def test_a_new_chat_belongs_to_the_project_that_is_listed_and_shows_its_model(ada: Person, page: Page) -> None:
    project = ada.api("POST", "/api/projects", name="Physics", model="echo", systemPrompt="Answer as a physicist.")
    page.goto("/")
    page.get_by_role("button", name=re.compile("^Physics")).click()
    page.get_by_role("button", name="New chat in “Physics”").click()
    expect(page.get_by_label("Model")).to_have_value("echo")
    send(page, "What is light?")
    expect(finished(page)).to_contain_text("What is light?")
    expect(page.get_by_label("Model")).to_have_value("echo")
    expect(page.get_by_role("button", name="Chat settings", exact=True)).to_be_visible()
    stored = ada.api("GET", f"/api/conversations/{page.url.rsplit('/', 1)[1]}")
    assert (stored["projectId"], stored["model"], stored["systemPrompt"]) == (project["id"], None, None)
    expect(page.locator(".conversation-link")).to_have_count(1)


def test_another_devices_changes_of_projects_and_tags_are_shown(ada: Person, page: Page) -> None:
    project = ada.api("POST", "/api/projects", name="Physics")["id"]
    ada.api("PATCH", f"/api/conversations/{ada.chat('Atoms')}", tags=["science"], projectId=project)
    page.goto("/")
    chip = page.get_by_role("group", name="Show only one tag").get_by_role("button", name="science")
    expect(page.get_by_role("button", name=re.compile("^Physics"))).to_be_visible()
    expect(chip.locator("[data-color=red]")).to_have_count(0)
    ada.api("PATCH", f"/api/projects/{project}", name="Chemistry")
    expect(page.get_by_role("button", name=re.compile("^Chemistry"))).to_be_visible()
    ada.api("PATCH", "/api/tags/science", color="red")
    expect(chip.locator("[data-color=red]")).to_be_visible()


def test_tags_are_put_on_many_filter_the_list_and_come_off_again(ada: Person, page: Page) -> None:
    for title in ("Atoms", "Waves", "Bread"):
        ada.chat(title)
    page.goto("/")
    sidebar_link(page, "Waves").click(modifiers=["ControlOrMeta"])
    box(page, "Atoms").click()
    act(page, "Tags")
    page.get_by_label("New tag").fill("science")
    page.get_by_role("button", name="Save").click()
    chip = page.get_by_role("group", name="Show only one tag").get_by_role("button", name="science")
    expect(chip).to_contain_text("2")
    chip.click()
    expect(page.locator(".conversation-link")).to_have_text(["Waves", "Atoms"])
    page.get_by_role("button", name="Options: Waves").click()
    page.get_by_role("menuitem", name="Tags").click()
    page.get_by_role("checkbox", name="science").uncheck()
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".conversation-link")).to_have_text(["Atoms"])
    page.get_by_role("button", name="Undo").last.click()
    expect(page.locator(".conversation-link")).to_have_text(["Waves", "Atoms"])
    chip.click()
    expect(page.locator(".conversation-link")).to_have_text(["Bread", "Waves", "Atoms"])


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_what_orders_conversations(browser: Browser, server: ServerProcess, theme: str) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        page = window.page
        ada = Person.register(window, f"axe-order-{theme}@example.org", "Ada")
        project = ada.api("POST", "/api/projects", name="Physics")["id"]
        ada.api("PATCH", f"/api/conversations/{ada.chat('Atoms')}", tags=["science"], projectId=project)
        page.goto("/")
        page.get_by_role("button", name="Options: Atoms").click()
        assert faults(page) == [], "menu"
        page.get_by_role("menuitem", name="Move").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == [], "move"
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Physics").first.click()
        sidebar_link(page, "Atoms").click(modifiers=["ControlOrMeta"])
        act(page, "Tags")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == [], "tags"
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        assert faults(page) == [], "selecting"
        page.get_by_role("button", name="New project").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == [], "project"
