"""The form of an error."""

from __future__ import annotations

from chatapp.api.openapi_document import example_of
from chatapp.api.problems import MOST_FAULTS, InvalidInput, Unexpected, error_body
from chatapp.errors import EmailTaken, NotOwner, TurnInProgress
from chatapp.models.reasons import Fault, FaultReason, Reason

TOO_LONG = Fault(FaultReason.TOO_LONG, "This is longer than 50 characters.", 50)
BLANK = Fault(FaultReason.BLANK, "This must not be blank.")


def test_an_error_has_flask_smorests_form_and_a_reason() -> None:
    assert error_body(403, Reason.NOT_OWNER, "No.") == {
        "code": 403,
        "status": "Forbidden",
        "message": "No.",
        "reason": "not_owner",
    }


def test_fields_at_fault_are_named_with_their_reasons_beside_the_sentences() -> None:
    found = {"json": {"tags": {1: [TOO_LONG]}, "title": [BLANK]}}

    body = error_body(422, Reason.INVALID_INPUT, "Not valid.", errors=found)

    assert body["message"] == "tags.1: This is longer than 50 characters."
    assert body["errors"] == {"json": {"tags": {1: [str(TOO_LONG)]}, "title": [str(BLANK)]}}
    assert body["faults"] == [
        {"field": "tags.1", "reason": "too_long", "limit": 50},
        {"field": "title", "reason": "blank"},
    ]


def test_a_fault_of_the_whole_body_names_no_field() -> None:
    not_an_object = Fault(FaultReason.WRONG_TYPE, "This must be a JSON object.")

    body = error_body(422, Reason.INVALID_INPUT, "Not valid.", errors={"json": {"_schema": [not_an_object]}})

    assert body["message"] == "This must be a JSON object."
    assert body["faults"] == [{"field": "", "reason": "wrong_type"}]


def test_of_many_faults_the_first_ones_are_told() -> None:
    found = {"json": {"tags": {number: [BLANK] for number in range(MOST_FAULTS - 1)}, "title": [TOO_LONG, BLANK]}}

    body = error_body(422, Reason.INVALID_INPUT, "Not valid.", errors={**found, "query": {"limit": [BLANK]}})

    assert len(body["faults"]) == MOST_FAULTS
    assert body["errors"].keys() == {"json"}
    assert len(body["errors"]["json"]["tags"]) == MOST_FAULTS - 1
    assert body["errors"]["json"]["title"] == [str(TOO_LONG)]


def test_details_stand_beside_the_code_and_cannot_replace_it() -> None:
    body = error_body(409, Reason.BUSY, "Busy.", details={"messageId": "m", "code": 200, "reason": "x"})

    assert (body["messageId"], body["code"], body["reason"]) == ("m", 409, "busy")


def test_examples_show_what_the_error_really_answers() -> None:
    assert example_of(NotOwner())["message"] == NotOwner.sentence
    assert example_of(EmailTaken())["faults"] == [{"field": "email", "reason": "email_taken"}]
    assert example_of(TurnInProgress("m"))["messageId"] == "m"
    assert example_of(InvalidInput({"query": {"limit": [BLANK]}}))["errors"] == {"query": {"limit": [str(BLANK)]}}
    assert example_of(Unexpected())["requestId"]
