"""English, German, and text that runs from right to left."""

from __future__ import annotations

from playwright.sync_api import Browser, Page, expect

from tests.browser.people import PASSWORD, RICH, Person, Window, finished
from tests.browser.seen import overhang
from tests.support.provider import FakeProvider
from tests.support.server import ServerProcess


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
        page.evaluate("(id) => localStorage.setItem(`chatapp:outbox:${id}:1`, 'null')", ada.id)
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


def test_a_right_to_left_page_is_mirrored(ada: Person, page: Page) -> None:
    ada.open_chat(words=RICH)
    page.evaluate("document.documentElement.dir = 'rtl'")
    sidebar = page.locator(".sidebar").bounding_box()
    thread = page.locator(".thread").bounding_box()
    assert sidebar
    assert thread
    assert sidebar["x"] + sidebar["width"] == 1280
    assert thread["x"] + thread["width"] <= sidebar["x"]
    assert overhang(page) == []
