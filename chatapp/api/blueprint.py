"""The blueprint that every group of routes uses: strict reading, and errors that document themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask_smorest import Blueprint
from marshmallow import Schema

from chatapp.api.openapi import may_fail
from chatapp.api.parser import ApiParser
from chatapp.api.problems import BodyTooLarge, InvalidInput, NotJson, UnsupportedBody, error_body

View = TypeVar("View", bound=Callable[..., Any])


class ApiBlueprint(Blueprint):
    """A group of operations of the API, tagged by the blueprint's name."""

    ARGUMENTS_PARSER = ApiParser()

    def arguments(
        self, schema: type[Schema] | Schema, *, location: str = "json", **options: Any
    ) -> Callable[[View], View]:
        """As flask-smorest's, with the ways in which reading fails; builds the schema once, not for each request.

        A body may be left out where the schema asks for nothing.
        """
        instance = schema() if isinstance(schema, type) else schema
        options.setdefault("required", any(field.required for field in instance.fields.values()))
        read = super().arguments(instance, location=location, **options)
        failures = (NotJson, BodyTooLarge, UnsupportedBody, InvalidInput) if location == "json" else (InvalidInput,)

        examples = {"InvalidInput": _example_of_invalid_input(instance, location)}

        def decorate(view: View) -> View:
            decorated: View = read(may_fail(*failures, examples=examples)(view))
            return decorated

        return decorate


def _example_of_invalid_input(schema: Schema, location: str) -> dict[str, Any]:
    """How the answer names the first field that is needed, or else the first that there is."""
    for field in sorted(schema.fields.values(), key=lambda field: not field.required):
        sentence = "Missing data for required field." if field.required else "This is not valid."
        found = {location: {field.data_key or field.name or "": [sentence]}}
        return error_body(InvalidInput.status, InvalidInput.sentence, errors=found)
    return error_body(InvalidInput.status, InvalidInput.sentence)
