"""The page's unit tests and type check, so that one command runs everything."""

from __future__ import annotations

import re
from itertools import chain

from chatapp.api.page_files import read_page
from chatapp.api.pages import MODULES, TITLE_FONT
from chatapp.models.failures import FailureCode
from tests.support.chromium import FRONTEND, run_node


def test_the_unit_tests_of_the_page_pass(built_page: None) -> None:
    run_node("npx", "vitest", "run")


def test_the_types_of_the_page_check(built_page: None) -> None:
    run_node("npx", "tsc", "--noEmit")


def test_the_page_translates_what_the_server_says() -> None:
    english = dict(
        re.findall(r'^  "((?:refused|answer)\.\w+)": "(.*)",$', (FRONTEND / "src/i18n/en.ts").read_text(), re.MULTILINE)
    )
    modules = [path for path in FRONTEND.parent.rglob("*.py") if FRONTEND not in path.parents]
    server = "\n".join(path.read_text() for path in modules)
    assert [text for name, text in english.items() if name.startswith("refused.") and text not in server] == []
    assert [code for code in FailureCode if f"answer.{code}" not in english] == []


def test_what_the_server_preloads_is_in_the_build(built_page: None) -> None:
    manifest = read_page().manifest
    assert {TITLE_FONT, *chain.from_iterable(MODULES.values())} <= manifest.keys()
