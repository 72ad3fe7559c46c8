"""The form of an error."""

from __future__ import annotations

from chatapp.api.openapi import error_example
from chatapp.api.problems import error_body
from chatapp.errors import EmailTaken, NotOwner, TurnInProgress


def test_an_error_has_flask_smorests_form() -> None:
    assert error_body(403, "No.") == {"code": 403, "status": "Forbidden", "message": "No."}


def test_the_sentence_names_the_first_field_at_fault() -> None:
    found = {"json": {"tags": {1: ["Too long."]}, "title": ["Blank."]}}

    body = error_body(422, "Not valid.", errors=found)

    assert body["message"] == "tags.1: Too long."
    assert body["errors"] == found


def test_a_fault_of_the_whole_body_names_no_field() -> None:
    body = error_body(422, "Not valid.", errors={"json": {"_schema": ["Not an object."]}})

    assert body["message"] == "Not an object."


def test_details_stand_beside_the_code_and_cannot_replace_it() -> None:
    body = error_body(409, "Busy.", details={"messageId": "m", "code": 200})

    assert (body["messageId"], body["code"]) == ("m", 409)


def test_examples_show_what_the_error_really_answers() -> None:
    assert error_example(NotOwner)["message"] == NotOwner.sentence
    assert error_example(EmailTaken)["errors"] == {"json": {"email": ["An account with this e-mail exists already."]}}
    assert error_example(TurnInProgress)["code"] == 409
