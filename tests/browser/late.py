"""Responses that arrive late."""

from __future__ import annotations

import re

from playwright.sync_api import APIResponse, Page, Route


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
