"""Without a network."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import Person, Window, finished, message_box, sidebar_link, wait_for

NETWORK_AWAY = """() => {
    Object.defineProperty(navigator, 'onLine', {get: () => false});
    dispatchEvent(new Event('offline'));
}"""
"""Makes the browser report that it is offline. The server of these tests is on the same machine and still reachable."""


def test_a_server_on_this_machine_is_used_without_a_network(ada: Person, page: Page) -> None:
    ada.chat("Tea")
    page.goto("/")
    expect(sidebar_link(page, "Tea")).to_be_visible()
    page.evaluate(NETWORK_AWAY)
    sidebar_link(page, "Tea").click()
    expect(finished(page)).to_contain_text("Tell me about tea")


def test_a_conversation_that_cannot_be_loaded_offline_says_so_and_loads_with_the_network(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("net::ERR_")
    tea = ada.chat("Tea")
    ada.open_chat("Coffee")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if f"{tea}/messages" in request.url else None)
    window.context.set_offline(True)
    expect(page.get_by_text("You are offline.")).to_be_visible()
    sidebar_link(page, "Tea").click()
    expect(page.get_by_text("This conversation could not be loaded.")).to_be_visible(timeout=5000)
    page.wait_for_timeout(2000)
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("This conversation could not be loaded.")).to_be_visible(timeout=5000)
    assert len(asked) <= 6, "hovering, clicking and one retry requested it, and nothing repeats by itself"
    window.context.set_offline(False)
    expect(finished(page)).to_contain_text("Tell me about tea")


LATE = "FindBar", "TreeMap", "ToolsMenu", "ItemMenu", "ChatSettingsDialog", "SidebarDialogs", "Compare", "PaletteDialog"
LOADED = f"""(() => {{
    const loaded = performance.getEntriesByType('resource').map(({{name}}) => name);
    const linked = [...document.querySelectorAll('link[href*="assets/"]')].map(({{href}}) => href);
    const isLoaded = (part) => loaded.some((name) => name.includes(part));
    return [...{list(LATE)}, ...linked].every(isLoaded);
}})()"""


def test_what_opens_over_the_page_opens_without_a_network_and_takes_what_is_typed_at_once(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("net::ERR_")
    ada.open_chat("Tea")
    wait_for(page, LOADED)
    window.context.set_offline(True)
    page.keyboard.press("Control+f")
    page.keyboard.type("warm")
    expect(page.get_by_role("searchbox", name="Find in this conversation")).to_have_value("warm")
    expect(message_box(page)).to_have_value("")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Chat settings").click()
    expect(page.get_by_role("dialog", name="Chat settings")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Find, select, print or save").click()
    page.get_by_role("menuitem", name="Map of the conversation").click()
    expect(page.get_by_role("dialog", name="Map of the conversation")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Options: Tea").click()
    page.get_by_role("menuitem", name="Tags").click()
    expect(page.get_by_role("dialog", name="Tags")).to_be_visible()


def test_what_cannot_be_opened_without_a_network_leaves_the_page_as_it_is(
    ada: Person, page: Page, window: Window
) -> None:
    window.provokes("net::ERR_", "dynamically imported module")
    for away in ("assets/PaletteDialog-*.js", "healthz"):  # where the server answers, the page would start anew
        page.route(f"**/{away}", lambda route: route.abort())
    ada.open_chat("Tea")
    width = page.locator(".page").evaluate("page => page.clientWidth")
    page.keyboard.press("Control+k")
    expect(page.get_by_text("Something went wrong here.")).to_be_visible()
    assert page.locator(".page").evaluate("page => page.clientWidth") == width
    page.set_viewport_size({"width": 390, "height": 780})
    expect(page.get_by_text("Something went wrong here.")).to_be_in_viewport()
    wait_for(page, "document.querySelector('.page').clientWidth === innerWidth")
