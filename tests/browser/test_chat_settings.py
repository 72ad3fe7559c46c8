"""What one chat has been told otherwise than others."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.people import Person


def test_a_chat_has_settings_of_its_own_in_its_header_and_tells_that_they_differ(ada: Person) -> None:
    page = ada.page
    conversation = ada.chat("Tea")
    ada.api("PATCH", f"/api/conversations/{conversation}", model=None)
    page.goto(f"/c/{conversation}")
    page.get_by_role("button", name="Chat settings", exact=True).click()
    dialog = page.get_by_role("dialog", name="Chat settings")
    expect(dialog.get_by_text("Not your default")).to_have_count(0)
    dialog.get_by_role("textbox", name="Title", exact=True).fill("Green tea")
    dialog.get_by_label("System prompt").fill("Answer in one sentence.")
    dialog.get_by_label("Temperature").fill("0.4")
    dialog.get_by_label("Length of answers").fill("300")
    expect(dialog.get_by_text("Not your default")).to_have_count(3)
    dialog.get_by_role("button", name="Save").click()

    expect(page.get_by_role("heading", name="Green tea")).to_be_visible()
    stored = ada.api("GET", f"/api/conversations/{conversation}")
    assert (stored["systemPrompt"], stored["temperature"], stored["maxTokens"]) == ("Answer in one sentence.", 0.4, 300)

    page.get_by_role("button", name="Chat settings: not all are your defaults").click()
    dialog.get_by_role("button", name="Back to my defaults").click()
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_role("button", name="Chat settings", exact=True)).to_be_visible()
    page.get_by_text("Saved.").last.locator("xpath=ancestor::*[@class='toast']").get_by_role(
        "button", name="Undo"
    ).click()
    expect(page.get_by_role("button", name="Chat settings: not all are your defaults")).to_be_visible()
    assert ada.api("GET", f"/api/conversations/{conversation}")["temperature"] == 0.4


def test_a_chat_is_moved_to_a_project_in_its_settings_and_then_goes_by_that(ada: Person) -> None:
    page = ada.page
    project = ada.api("POST", "/api/projects", name="Physics", model="echo", systemPrompt="Answer as a physicist.")
    conversation = ada.chat("Tea")
    ada.api("PATCH", f"/api/conversations/{conversation}", model=None)
    page.goto(f"/c/{conversation}")
    expect(page.get_by_label("Model")).to_have_value("normal")
    page.get_by_role("button", name="Chat settings", exact=True).click()
    dialog = page.get_by_role("dialog", name="Chat settings")
    dialog.get_by_label("Project").select_option("Physics")
    expect(dialog.get_by_label("Model").locator("option:checked")).to_have_text("As in the project (echo)")
    expect(dialog.get_by_placeholder("Answer as a physicist.")).to_be_visible()
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_label("Model")).to_have_value("echo")
    expect(page.get_by_role("button", name=re.compile("^Physics"))).to_contain_text("1")
    assert ada.api("GET", f"/api/conversations/{conversation}")["projectId"] == project["id"]
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Model")).to_have_value("normal")
    expect(page.get_by_role("button", name=re.compile("^Physics"))).to_contain_text("0")
