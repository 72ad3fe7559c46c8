"""The blueprint that every group of routes uses: strict reading, and errors that document themselves."""

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint
from marshmallow import Schema

from chatapp.api.openapi import View, may_fail
from chatapp.api.parser import ApiParser
from chatapp.api.problems import BodyTooLarge, BodyTooSlow, InvalidInput, NotJson, UnsupportedBody
from chatapp.api.schemas.base import ApiSchema
from chatapp.models.reasons import Fault, FaultReason


class ApiBlueprint(Blueprint):
    """A group of operations of the API, tagged by the blueprint's name."""

    ARGUMENTS_PARSER = ApiParser()

    def arguments(self, schema: type[ApiSchema], *, location: str = "json") -> Callable[[View], View]:
        """As flask-smorest's, with the ways in which reading fails; builds the schema once, not for each request.

        A body may be left out where the schema requires nothing.
        """
        instance = schema()
        options: dict[str, Any] = {}
        failures: tuple[Any, ...] = ()
        if location == "json":
            options["required"] = any(field.required for field in instance.fields.values())
            options["example"] = schema.example
            failures = (NotJson, BodyTooSlow, BodyTooLarge, UnsupportedBody, _invalid_input(instance, location))
        elif location == "query":
            failures = (_invalid_input(instance, location),)
        read = super().arguments(instance, location=location, **options)

        def decorate(view: View) -> View:
            decorated: View = read(may_fail(*failures)(view))
            return decorated

        return decorate


def _invalid_input(schema: Schema, location: str) -> InvalidInput:
    """The error that names the first required field, or else the first one."""
    field = min(schema.fields.values(), key=lambda field: not field.required)
    fault = field.error_messages["required"] if field.required else Fault(FaultReason.WRONG_TYPE, "This is not valid.")
    return InvalidInput({location: {field.data_key: [fault]}})
