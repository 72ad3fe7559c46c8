"""The page's own unit tests and its compiler, so that one command runs everything."""

from __future__ import annotations

import re
from itertools import chain

from chatapp.api.page_files import read_page
from chatapp.api.pages import MODULES, TITLE_FONT
from chatapp.models.failures import FailureCode
from tests.support.chromium import FRONTEND, run_node


def test_the_units_of_the_page_do_what_they_say(built_page: None) -> None:
    run_node("npx", "vitest", "run")


def test_the_types_of_the_page_fit_together(built_page: None) -> None:
    run_node("npx", "tsc", "--noEmit")


def test_what_the_page_translates_is_what_the_server_says() -> None:
    english = dict(
        re.findall(r'^  "((?:refused|answer)\.\w+)": "(.*)",$', (FRONTEND / "src/i18n/en.ts").read_text(), re.MULTILINE)
    )
    modules = [path for path in FRONTEND.parent.rglob("*.py") if FRONTEND not in path.parents]
    spoken = "\n".join(path.read_text() for path in modules)
    assert [said for name, said in english.items() if name.startswith("refused.") and said not in spoken] == []
    assert [code for code in FailureCode if f"answer.{code}" not in english] == []


def test_what_the_server_sends_ahead_is_in_the_build(built_page: None) -> None:
    manifest = read_page().manifest
    assert {TITLE_FONT, *chain.from_iterable(MODULES.values())} <= manifest.keys()
