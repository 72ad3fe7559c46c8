"""Accessibility: keyboard, screen readers, colours, languages, small screens."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.people import (
    PASSWORD,
    Person,
    Window,
    choose_model,
    finished,
    message_box,
    saving,
    send,
    sidebar_link,
    wait_for,
)
from tests.browser.test_thread import RICH
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess

AXE = Path(__file__).resolve().parents[2] / "chatapp" / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
THEMES = ("light", "dark")
FADED_IN = """document.getAnimations().every((one) =>
    one.playState !== 'running' || one.effect.getComputedTiming().endTime === Infinity)"""


def faults(page: Page) -> list[str]:
    """What axe finds wrong with the page as it is now."""
    page.wait_for_timeout(350)  # until nothing fades in any more, so that axe sees the final colours
    wait_for(page, FADED_IN)
    page.evaluate(AXE.read_text())
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{fault['id']}: {node['html'][:120]}" for fault in found["violations"] for node in fault["nodes"]]


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_on_any_page(browser: Browser, server: ServerProcess, theme: Any) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        window.provokes("status of 404")
        page = window.page
        for path in ("/login", "/register", "/nowhere"):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert faults(page) == [], path
        ada = Person.register(window, f"axe-{theme}@example.org", "Ada")
        assert faults(page) == [], "empty chat"
        page.goto(f"/c/{ada.chat(words=RICH)}")
        expect(finished(page).locator(".katex").first).to_be_visible()
        assert faults(page) == [], "conversation"
        page.get_by_role("button", name="Options: Tea").click()
        assert faults(page) == [], "menu"
        page.keyboard.press("Escape")
        page.locator(".thread-scroller").focus()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert faults(page) == [], "shortcuts"
        page.goto("/settings")
        expect(page.get_by_text("This device")).to_be_visible()
        assert faults(page) == [], "settings"


@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_where_something_has_gone_wrong(browser: Browser, server: ServerProcess, theme: Any) -> None:
    with Window.open(browser, server.base_url, color_scheme=theme) as window:
        window.provokes("status of 429", "status of 401")
        page = window.page
        ada = Person.register(window, f"axe-fault-{theme}@example.org", "Ada")
        choose_model(page, "error_in_stream")
        send(page, "Please fail")
        expect(page.locator(".answer-error")).to_be_visible()
        assert faults(page) == [], "failed answer"
        page.route("**/api/chat/*/message/stream", lambda route: route.fulfill(status=429, body="{}"))
        send(page, "Refused")
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults(page) == [], "refused message"
        ada.api("POST", "/api/auth/logout")
        page.goto("/login")
        page.get_by_label("Email").fill("x@example.org")
        page.get_by_label("Password").fill("wrong password")
        page.get_by_role("button", name="Log in").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert faults(page) == [], "refused login"


def test_everything_can_be_done_by_keyboard_alone(window: Window) -> None:
    page = window.page
    page.goto("/register")
    expect(page.get_by_label("Name")).to_be_focused()
    for text in ("Kay", "kay@example.org", PASSWORD):
        page.keyboard.type(text)
        page.keyboard.press("Tab" if text != PASSWORD else "Enter")
    expect(message_box(page)).to_be_focused()
    page.keyboard.type("Hello")
    page.keyboard.press("Enter")
    expect(finished(page)).to_be_visible()
    page.keyboard.press("Control+Shift+O")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Kay")
    expect(message_box(page)).to_be_focused()
    page.keyboard.press("Control+Shift+S")
    expect(page.get_by_role("button", name="Open sidebar")).to_be_visible()
    page.keyboard.press("Control+Shift+S")
    page.locator("#main").focus()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("/")
    expect(message_box(page)).to_be_focused()


def test_a_screen_reader_reads_an_answer_once_not_word_by_word(ada: Person, page: Page) -> None:
    page.evaluate("""() => {
        window.announced = [];
        new MutationObserver(() => {
            for (const place of document.querySelectorAll('[aria-live=polite]:not(.toasts)')) {
                const text = place.textContent;
                if (text && text !== window.announced.at(-1)) window.announced.push(text);
            }
        }).observe(document.body, {childList: true, subtree: true, characterData: true});
    }""")
    tea = ada.chat("Tea", model="echo:gap=20")  # slow enough for its start to be announced before its end
    page.locator(f"a[href='/c/{tea}']").click()
    expect(finished(page)).to_have_count(1)
    text = " ".join(["Speak to me"] * 13)
    send(page, text)
    expect(finished(page)).to_have_count(2)
    wait_for(page, "window.announced.length > 1")
    page.wait_for_timeout(200)
    assert page.evaluate("window.announced") == ["An answer is being written.", f"Answer: {text}"]


def test_the_page_speaks_german(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, locale="de-DE") as window:
        page = window.page
        page.goto("/register")
        page.get_by_label("Name").fill("Ada")
        page.get_by_label("E-Mail").fill("deutsch@example.org")
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Konto anlegen").click()
        page.get_by_role("textbox", name="Nachricht").fill("Hallo")
        page.get_by_role("button", name="Senden").click()
        expect(finished(page)).to_contain_text("tok49")
        expect(page.locator("html")).to_have_attribute("lang", "de")


def test_errors_are_reported_in_german_too(browser: Browser, server: ServerProcess, provider: FakeProvider) -> None:
    with Window.open(browser, server.base_url, locale="de-DE") as window:
        window.provokes("status of 422", "status of 401")
        page = window.page
        for taken in (False, True):
            page.goto("/register")
            page.get_by_label("E-Mail").fill("pech@example.org")
            page.get_by_label("Passwort").fill(PASSWORD)
            page.get_by_role("button", name="Konto anlegen").click()
            if taken:
                expect(page.get_by_role("alert")).to_have_text("Ein Konto mit dieser E-Mail-Adresse gibt es schon.")
                break
            page.get_by_role("button", name="Abmelden").click()
            expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
        page.goto("/login")
        page.get_by_label("E-Mail").fill("pech@example.org")
        page.get_by_label("Passwort").fill(PASSWORD)
        page.get_by_role("button", name="Anmelden").click()
        provider.behave("500")
        page.get_by_role("textbox", name="Nachricht").fill("Hallo")
        page.get_by_role("button", name="Senden").click()
        expect(page.locator(".answer-error")).to_contain_text("Beim Modellanbieter ist etwas schiefgegangen.")
        page.locator(".thread-scroller").focus()
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Tastenkürzel")).to_contain_text("Strg")


def test_stored_settings_of_another_shape_do_not_break_the_page(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, locale="de-DE") as window:
        page = window.page
        page.goto("/register")
        entries = {"language": "en_US", "theme": "sepia", "sidebar": "{}", "outbox:x:1": "null", "remember": "5"}
        for name, text in entries.items():
            page.evaluate("([name, text]) => localStorage.setItem(`chatapp:${name}`, text)", [name, text])
        page.reload()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("html")).to_have_attribute("data-theme", "light")
        ada = Person.register(window, "shapes@example.org", "Ada")
        ada.api("PATCH", "/api/auth/me", settings={"language": "de", "theme": "sepia", "systemPrompt": 5})
        page.evaluate(
            "(id) => localStorage.setItem(`chatapp:outbox:${id}:1`, 'null')", ada.api("GET", "/api/auth/me")["id"]
        )
        page.goto(f"/c/{ada.chat('Tea')}")
        expect(page.get_by_role("textbox", name="Nachricht")).to_be_visible()
        page.goto("/")
        page.get_by_role("textbox", name="Nachricht").fill("Hallo")
        page.get_by_role("button", name="Senden").click()
        expect(finished(page)).to_contain_text("tok49")


def test_a_language_that_cannot_be_fetched_leaves_the_page_in_english(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, locale="de-DE") as window:
        window.provokes("net::ERR_FAILED")
        window.page.route("**/assets/de-*.js", lambda route: route.abort())
        window.page.goto("/login")
        expect(window.page.get_by_role("heading", name="Welcome back")).to_be_visible()


def test_right_to_left_text_is_aligned_right(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat('Arabic', words='مرحبا بالعالم، كيف حالك؟')}")
    direction = finished(page).locator(".message-text p").evaluate("(text) => getComputedStyle(text).direction")
    assert direction == "rtl"


def test_the_chosen_theme_applies_to_the_first_paint(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_FAILED")
    page.goto("/settings")
    page.get_by_text("Dark", exact=True).click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.route("**/assets/index-*.js", lambda route: route.abort())
    page.goto("/")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == "rgb(21, 25, 23)"
    page.unroute("**/assets/index-*.js")


def test_everything_can_be_reached_on_a_phone(browser: Browser, server: ServerProcess) -> None:
    phone = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
    with Window.open(browser, server.base_url, **phone) as window:
        window.provokes("status of 401")
        page = window.page
        ada = Person.register(window, "phone@example.org", "Ada")
        tea = ada.chat("Tea", words=RICH + "wide " * 50 + "`" + "x" * 300 + "`")
        send(page, "Hello")
        expect(finished(page)).to_contain_text("tok49")
        page.get_by_role("button", name="Open sidebar").click()
        page.get_by_role("link", name="Tea", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
        expect(page.get_by_role("navigation", name="Conversations")).to_have_count(0)
        expect(page).to_have_url(f"{window.base_url}/c/{tea}")
        expect(finished(page)).to_contain_text("wide")
        assert overhang(page) == [], "nothing is wider than the screen"
        page.get_by_role("button", name="New chat").click()
        expect(page).to_have_url(f"{window.base_url}/")
        page.get_by_role("button", name="Open sidebar").click()
        page.get_by_role("button", name="Log out").click()
        expect(page.get_by_role("button", name="Log in")).to_be_visible()


def overhang(page: Page) -> list[str]:
    """Parts of the thread that cannot be seen without scrolling sideways."""
    found: list[str] = page.evaluate("""() => {
        const box = document.querySelector('.thread-scroller');
        const rows = [...box.querySelectorAll('.message, .message-text, .markdown > *, .answer-error p')];
        return [box, ...rows.filter((row) => getComputedStyle(row).overflowX === 'visible')]
            .filter((row) => row.scrollWidth > row.clientWidth + 1 || row.getBoundingClientRect().right > innerWidth)
            .map((row) => `${row.className} ${row.textContent.slice(0, 40)}`);
    }""")
    return found


def test_nothing_is_cut_off_on_the_smallest_screen(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, viewport={"width": 320, "height": 640}) as window:
        page = window.page
        ada = Person.register(window, "small@example.org", "Ada")
        formula = "so $" + " + ".join(f"x_{{{number}}}^2" for number in range(30)) + "$ it is"
        page.goto(f"/c/{ada.chat(words=RICH + formula)}")
        expect(finished(page).locator(".katex").last).to_be_visible()
        assert overhang(page) == []
        expect(page.get_by_role("heading", level=1)).to_have_text("Tea")
        with saving(page):
            choose_model(page, "error_in_stream")
        send(page, "Please fail")
        expect(page.locator(".answer-error")).to_be_visible()
        page.locator(".answer-error p").evaluate("(text) => { text.textContent = 'x'.repeat(200) }")
        assert overhang(page) == []


def test_the_drawer_of_a_phone_keeps_the_keyboard_focus_until_it_is_closed(
    browser: Browser, server: ServerProcess
) -> None:
    with Window.open(browser, server.base_url, viewport={"width": 390, "height": 780}) as window:
        page = window.page
        ada = Person.register(window, "drawer@example.org", "Ada")
        ada.chat("Tea")
        choose_model(page, "crawl")
        send(page, "Slowly")
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        page.get_by_role("button", name="Open sidebar").press("Enter")
        drawer = page.get_by_role("dialog", name="Conversations")
        expect(drawer.get_by_role("button", name="Close sidebar")).to_be_focused()
        assert faults(page) == []
        for _ in range(20):
            page.keyboard.press("Tab")
            assert page.evaluate("!document.activeElement.closest('.page')")
        sidebar_link(page, "Tea").press("F2")
        page.get_by_role("textbox", name="Title", exact=True).press("Escape")
        expect(sidebar_link(page, "Tea")).to_be_focused()
        page.keyboard.press("Escape")
        expect(drawer).to_have_count(0)
        expect(page.get_by_role("button", name="Open sidebar")).to_be_focused()
        page.get_by_role("button", name="Stop").click()
        expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


def test_a_closed_dialog_returns_the_keyboard_focus(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    page.goto(f"/c/{ada.chat()}")
    expect(finished(page)).to_be_visible()
    for before in (page.locator(".thread-scroller"), sidebar_link(page, "Tea")):
        before.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        expect(before).to_be_focused()
    message_box(page).fill("Written before it ended")
    ada.api("POST", "/api/auth/logout")
    page.keyboard.press("Enter")
    again = page.get_by_role("dialog", name="Log in again")
    expect(again.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    expect(message_box(page)).to_be_focused()


def test_axe_finds_nothing_where_somebody_logs_in_again(ada: Person, page: Page, window: Window) -> None:
    window.provokes("status of 401")
    page.goto(f"/c/{ada.chat()}")
    expect(finished(page)).to_be_visible()
    ada.api("POST", "/api/auth/logout")
    # The dialog may be open already.
    page.get_by_role("button", name="Good answer", include_hidden=True).dispatch_event("click")
    expect(page.get_by_role("dialog", name="Log in again")).to_be_visible()
    assert faults(page) == []


def test_a_right_to_left_page_is_mirrored(ada: Person, page: Page) -> None:
    page.goto(f"/c/{ada.chat(words=RICH)}")
    expect(finished(page)).to_be_visible()
    page.evaluate("document.documentElement.dir = 'rtl'")
    sidebar = page.locator(".sidebar").bounding_box()
    thread = page.locator(".thread").bounding_box()
    assert sidebar
    assert thread
    assert sidebar["x"] + sidebar["width"] == 1280
    assert thread["x"] + thread["width"] <= sidebar["x"]
    assert overhang(page) == []


def test_a_broken_page_says_so_and_can_be_reloaded(ada: Person, page: Page, window: Window) -> None:
    window.provokes("net::ERR_FAILED", "Failed to fetch dynamically imported module")
    page.route("**/assets/ChatPage-*.js", lambda route: route.abort())
    loads = itertools.count(1)
    with page.expect_event("load", lambda _page: next(loads) == 2):  # it starts anew by itself once
        page.goto("/")
    expect(page.get_by_role("heading", name="Something went wrong")).to_be_visible()
    page.unroute("**/assets/ChatPage-*.js")
    page.get_by_role("button", name="Reload").click()
    expect(message_box(page)).to_be_visible()


def break_dates(page: Page, path: str, field: str) -> None:
    """Has the server answer with a date in ``field`` of the first item that cannot be shown."""

    def answer(route: Route) -> None:
        response = route.fetch()
        body = response.json()
        for item in body["items"][:1]:
            item[field] = "soon"
        route.fulfill(response=response, json=body)

    page.route(re.compile(path), answer)


def test_an_error_in_one_part_of_the_page_leaves_the_others(ada: Person, page: Page, window: Window) -> None:
    window.provokes("RangeError", "Invalid time value")
    tea = ada.chat("Tea", turns=2)
    broken = page.get_by_text("Something went wrong here.")
    break_dates(page, r"/api/conversations/?\?", "updatedAt")
    break_dates(page, r"/messages\?", "createdAt")
    break_dates(page, "/api/auth/sessions", "lastSeenAt")
    page.goto(f"/c/{tea}")
    expect(page.locator("article.own").first).to_have_text("Tell me about tea 0")
    expect(finished(page).last).to_contain_text("Tell me about tea 1")
    expect(page.locator(".sidebar").get_by_text("Something went wrong here.")).to_be_visible()
    expect(broken).to_have_count(1)
    send(page, "Still there?")
    expect(finished(page).last).to_contain_text("Still there?")
    page.goto("/settings")
    expect(page.locator(".settings").get_by_text("Something went wrong here.")).to_have_count(1)
    expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
    expect(page.get_by_role("heading", name="Trash")).to_be_visible()


def test_with_reduced_motion_nothing_moves_by_itself(browser: Browser, server: ServerProcess) -> None:
    with Window.open(browser, server.base_url, reduced_motion="reduce") as window:
        Person.register(window, "calm@example.org", "Ada")
        choose_model(window.page, "crawl")
        send(window.page, "Slowly")
        expect(window.page.locator("article.answer")).to_be_visible()
        running = "document.getAnimations().filter((one) => one.playState === 'running').length"
        wait_for(window.page, f"{running} === 0")
        window.page.get_by_role("button", name="Stop").click()
