"""The first visit, and what the page shows first."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.people import PASSWORD, Person, Window, answers, finished, message_box, saving, send, sidebar_link


def test_a_stranger_logs_in_first_and_then_reaches_the_page_they_wanted(window: Window) -> None:
    window.provokes("status of 401")
    Person.register(window, "wanderer@example.org", "Wanderer")
    page = window.page
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto("/settings")
    expect(page).to_have_url(re.compile("/login"))
    page.get_by_label("Email").fill("wanderer@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_wrong_password_is_reported_and_the_email_stays(window: Window) -> None:
    window.provokes("status of 401")
    page = window.page
    page.goto("/login")
    page.get_by_label("Email").fill("nobody@example.org")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_contain_text("The email or password is wrong.")
    expect(page.get_by_label("Email")).to_have_value("nobody@example.org")


def test_a_taken_email_is_reported_at_its_field(window: Window) -> None:
    window.provokes("status of 422", "status of 401")
    Person.register(window, "taken@example.org", "First")
    page = window.page
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_url(re.compile("/login$"))
    page.goto("/register")
    page.get_by_label("Email").fill("taken@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_role("alert")).to_contain_text("exists already")


def test_the_first_message_creates_a_conversation_that_can_be_found_again(ada: Person, page: Page) -> None:
    send(page, "How do I brew tea?")
    expect(page).to_have_url(re.compile("/c/[0-9a-f]+$"))
    expect(finished(page)).to_contain_text("tok49")
    link = page.get_by_role("navigation", name="Conversations").get_by_role("link").first
    title = link.inner_text()
    assert title
    page.get_by_role("button", name="New chat").click()
    expect(page).to_have_url(re.compile("/$"))
    expect(answers(page)).to_have_count(0)
    sidebar_link(page, title).click()
    expect(page.get_by_text("How do I brew tea?", exact=True).last).to_be_visible()
    expect(finished(page)).to_contain_text("tok49")


def test_a_new_chat_without_a_message_leaves_nothing_behind(ada: Person, page: Page) -> None:
    page.get_by_role("button", name="New chat").click()
    page.reload()
    expect(page.get_by_text("Your conversations will appear here.")).to_be_visible()
    assert ada.api("GET", "/api/conversations/")["items"] == []


def test_back_and_forward_move_between_conversations(ada: Person, page: Page) -> None:
    first, second = ada.chat("Green tea"), ada.chat("Black tea")
    page.goto(f"/c/{first}")
    sidebar_link(page, "Black tea").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Black tea")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Green tea")
    page.go_forward()
    expect(page).to_have_url(re.compile(second))


def test_an_unknown_address_says_so_and_links_to_the_chat(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 404")
    assert page.goto("/no/such/page").status == 404  # type: ignore[union-attr]
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
    page.goto("/c/ffffffffffffffffffffffff")
    expect(page.get_by_role("heading", name="Conversation not found")).to_be_visible()
    page.get_by_role("link", name="Go to the chat").click()
    expect(message_box(page)).to_be_visible()


def test_a_missing_conversation_is_one_quiet_page(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 404")
    refused: list[str] = []
    page.on("response", lambda answer: refused.append(answer.url) if answer.status == 404 else None)
    page.goto("/c/ffffffffffffffffffffffff")
    expect(page.get_by_role("heading", name="Conversation not found")).to_be_visible()
    expect(page).to_have_title("Conversation not found · Chatapp")
    page.wait_for_load_state("networkidle")
    assert len(refused) == 2, "the conversation and its messages, each asked for once"
    expect(page.locator(".toast")).to_have_count(0)


def test_the_keyboard_starts_in_the_first_field(page: Page) -> None:
    page.goto("/login")
    expect(page.get_by_label("Email")).to_be_focused()
    page.get_by_role("link", name="Create an account").click()
    expect(page.get_by_label("Name")).to_be_focused()


def test_a_font_of_titles_that_comes_late_is_used_all_the_same(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/newsreader-*.woff2", hold)
    page.goto("/login", wait_until="commit")
    title = page.get_by_role("heading", name="Welcome back")
    expect(title).to_be_visible()
    page.wait_for_timeout(500)  # after that a font with `font-display: optional` is given up
    width = """(title) => {
        const words = new Range();
        words.selectNodeContents(title);
        return words.getBoundingClientRect().width;
    }"""
    before, height = title.evaluate(width), title.bounding_box()["height"]  # type: ignore[index]
    for route in held:
        route.continue_()
    page.evaluate("document.fonts.ready.then(() => new Promise(requestAnimationFrame)).then(() => true)")
    assert title.evaluate(width) != before
    assert title.bounding_box()["height"] == height  # type: ignore[index]


def test_settings_are_saved_with_the_account(ada: Person, page: Page) -> None:
    page.get_by_role("link", name="Settings").click()
    with saving(page):
        page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    with saving(page):
        page.get_by_label("Language").select_option("de")
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Einstellungen")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert ada.api("GET", "/api/auth/me")["settings"] == {"theme": "dark", "language": "de"}


def open_without_scripts(page: Page, path: str) -> Route:
    """Opens the page as it is first painted. Its scripts wait until the returned route is continued."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/assets/index-*.js", hold)
    page.goto(path, wait_until="commit")
    while not (held and page.evaluate("performance.getEntriesByName('first-contentful-paint').length")):
        page.wait_for_timeout(20)
    return held[0]


def test_the_skeleton_is_shown_before_the_scripts_run_and_nothing_in_it_moves(ada: Person, page: Page) -> None:
    scripts = open_without_scripts(page, "/")
    button = page.locator(".sidebar .icon-button").first
    expect(page.locator(".shell.skeleton")).to_be_visible()
    before = button.bounding_box()
    scripts.continue_()
    expect(message_box(page)).to_be_visible()
    expect(page.locator(".shell.skeleton")).to_have_count(0)
    assert button.bounding_box() == before


@pytest.mark.parametrize(
    ("language", "note"), [("en", "Answers can be wrong."), ("de", "Antworten können falsch sein.")]
)
def test_the_composer_is_part_of_the_skeleton_and_does_not_move(
    ada: Person, page: Page, language: str, note: str
) -> None:
    page.add_init_script(f"localStorage.setItem('chatapp:language', '{language}')")
    conversation_id = ada.chat("Tea")
    scripts = open_without_scripts(page, f"/c/{conversation_id}")
    note_shown, box = page.locator(f".skeleton [lang={language}]"), page.locator(".skeleton .composer-box")
    expect(page.locator(".skeleton [lang]:visible")).to_have_count(1)
    expect(note_shown).to_contain_text(note)
    before = note_shown.bounding_box(), box.bounding_box()
    scripts.continue_()
    expect(page.locator("#composer")).to_be_visible()
    now = page.locator("form.composer")
    assert (now.locator(".composer-note").bounding_box(), now.locator(".composer-box").bounding_box()) == before


def test_a_page_in_a_hidden_tab_starts_too(ada: Person, page: Page) -> None:
    page.add_init_script("window.PerformanceObserver = class { observe() {} }")
    page.goto("/")
    expect(message_box(page)).to_be_visible()


def test_without_javascript_no_skeleton_covers_the_notice(ada: Person, window: Window) -> None:
    signed_in = window.context.storage_state()
    with Window.open(window.browser, window.base_url, java_script_enabled=False, storage_state=signed_in) as plain:
        plain.page.goto("/")
        expect(plain.page.locator(".skeleton")).to_be_hidden()
