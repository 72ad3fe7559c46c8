"""Without a network."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.people import Person, Window, finished, sidebar_link

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
