"""The main way through the page in Firefox and WebKit. The summary says which of them is missing and was left out."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from tests.browser.people import PASSWORD
from tests.support.other_browsers import NotInstalledError, firefox, webkit
from tests.support.server import ServerProcess

PATIENCE = 20  # seconds
FINISHED = "article.answer:not([data-status=streaming])"


@pytest.mark.filterwarnings("ignore:setting remote_server_addr:DeprecationWarning")  # Selenium's own, for WebKit
@pytest.mark.parametrize(("name", "browser"), [("Firefox", firefox), ("WebKit", webkit)], ids=["firefox", "webkit"])
def test_the_main_way_through_the_page(
    server: ServerProcess, name: str, browser: Callable[[], AbstractContextManager[WebDriver]]
) -> None:
    try:
        with browser() as driver:
            go_the_main_way(driver, server.base_url, f"{name.lower()}.{os.getpid()}@example.org")
    except NotInstalledError as missing:
        pytest.skip(f"{name} was left out: {missing}.")


def go_the_main_way(driver: WebDriver, base_url: str, email: str) -> None:
    """Registers, chats, reloads, goes on in a second window, and finds all of it in the first."""
    driver.get(f"{base_url}/register")
    for field, text in (("name", "Ada"), ("email", email), ("password", PASSWORD)):
        one(driver, f"input[name={field}]").send_keys(text)
    wait_for(driver, lambda page: page.execute_script("return document.fonts.check('16px \"Hanken Grotesk\"')"))
    one(driver, "button[type=submit]").click()
    one(driver, "#composer").send_keys("Tell me about *tea*", Keys.ENTER)
    finished(driver, 1)
    driver.refresh()
    finished(driver, 1)
    first, address = driver.current_window_handle, driver.current_url
    assert "/c/" in address
    driver.switch_to.new_window("window")  # WebKit draws nothing in a tab that is behind another
    driver.get(address)
    finished(driver, 1)
    one(driver, "#composer").send_keys("And coffee?", Keys.ENTER)
    finished(driver, 2)
    driver.switch_to.window(first)
    finished(driver, 2)


def wait_for(driver: WebDriver, found: Callable[[WebDriver], Any]) -> Any:
    return WebDriverWait(driver, PATIENCE, ignored_exceptions=[StaleElementReferenceException]).until(found)


def one(driver: WebDriver, selector: str) -> WebElement:
    def shown(page: WebDriver) -> WebElement | None:
        return next((found for found in page.find_elements(By.CSS_SELECTOR, selector) if found.is_displayed()), None)

    element: WebElement = wait_for(driver, shown)
    return element


def finished(driver: WebDriver, count: int) -> None:
    """Waits for so many answers."""
    wait_for(driver, lambda page: len(page.find_elements(By.CSS_SELECTOR, FINISHED)) == count)
