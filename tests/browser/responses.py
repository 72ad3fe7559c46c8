"""Responses that the page gets in place of the server's, or late."""

from __future__ import annotations

import re

from playwright.sync_api import APIResponse, Page, Route, expect

from tests.browser.people import send

START = "**/api/chat/start"
STREAM = "**/api/chat/*/message/stream"


def refuse(route: Route) -> None:
    route.fulfill(status=503, body='{"message": "Not now."}')


def refuse_more_answers(route: Route) -> None:
    route.fulfill(status=429, body='{"reason": "too_many_answers"}')


def hold(route: Route) -> None:
    """The request gets no response."""


def send_in_vain(page: Page, text: str, url: str) -> None:
    """Sends while requests for ``url`` are refused: the message waits until that is unrouted."""
    page.route(url, refuse)
    send(page, text)
    expect(page.get_by_text("Waiting for the connection.")).to_be_visible()


class Late:
    """The server responds to the next request for ``url`` at once; the page gets that when the test says so."""

    def __init__(self, page: Page, url: str | re.Pattern[str]) -> None:
        self._held: list[tuple[Route, APIResponse]] = []
        page.route(url, lambda route: self._held.append((route, route.fetch())), times=1)

    def wait(self, page: Page) -> None:
        while not self._held:
            page.wait_for_timeout(10)

    def arrive(self) -> None:
        for route, response in self._held:
            route.fulfill(response=response)
