"""Reads what a request carries, and says clearly what it cannot read."""

import json
import re
from collections.abc import Mapping
from itertools import count
from typing import Any, NoReturn

import flask
from gunicorn.http.errors import ParseException
from marshmallow import RAISE, Schema, ValidationError
from webargs.core import Parser, is_json, missing
from webargs.flaskparser import FlaskParser

from chatapp.api.problems import BodyTooLarge, BodyTooSlow, InvalidInput, NotJson, UnsupportedBody
from chatapp.models.reasons import Fault, FaultReason
from config.connections import TooSlow

PLAIN = (None, "", "identity")
TWICE = Fault(FaultReason.DUPLICATE, "This is given more than once.")
NAME_NOT_TEXT = Fault(FaultReason.NOT_STORABLE_TEXT, "The name of a field has a lone surrogate, which is not text.")
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
MOST_VALUES = 1000
MOST_LEVELS = 8
"""How much a body may hold: more than any operation takes, and little enough to be refused at little cost."""

TOO_MANY_VALUES = Fault(FaultReason.TOO_MANY, f"These are more than {MOST_VALUES} values.", MOST_VALUES)
TOO_DEEP = Fault(FaultReason.TOO_DEEP, f"This nests in more than {MOST_LEVELS} levels.", MOST_LEVELS)


class ApiParser(FlaskParser):
    """JSON bodies by RFC 8259, read strictly; unknown parameters of a query are refused like unknown fields."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**Parser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE, "files": RAISE}

    def load_querystring(self, req: flask.Request, schema: Schema) -> Any:
        """The parameters. One that is given twice is refused, like a member of a body.

        Raises:
            InvalidInput: a parameter is named twice.
        """
        twice = {name: [TWICE] for name, values in req.args.lists() if len(values) > 1}
        if twice:
            raise InvalidInput({"query": twice})
        return super().load_querystring(req, schema)

    def load_json(self, req: flask.Request, schema: Schema) -> Any:
        """The body's value. No body at all counts as ``{}``: the schema knows what it needs.

        Raises:
            UnsupportedBody: there is a body, and it does not say that it is plain JSON.
            BodyTooLarge, BodyTooSlow, NotJson: it is not what it says.
        """
        body = read_body(req)
        if not body:
            return missing
        if not is_json(req.mimetype) or req.content_encoding not in PLAIN:
            raise UnsupportedBody
        return read_json(body)

    def handle_error(
        self,
        error: ValidationError,
        req: flask.Request,
        schema: Schema,
        *,
        error_status_code: int | None,
        error_headers: Mapping[str, str] | None,
    ) -> NoReturn:
        """Passes on what the schema found, by location and field."""
        raise InvalidInput(error.messages_dict) from error


def read_body(req: flask.Request) -> bytes:
    """The whole body, kept so that it can be read again.

    A body in chunks does not say its length beforehand. Any may break off in the middle, and of one that does say its
    length neither gunicorn nor werkzeug notices that.

    Raises:
        BodyTooLarge, NotJson: it did.
        BodyTooSlow: it does not come in time.
    """
    try:
        body = req.get_data()
    except TooSlow as error:
        raise BodyTooSlow from error
    except (ParseException, OSError) as error:
        raise NotJson from error
    most = req.max_content_length
    if req.content_length is None and most is not None and len(body) >= most:
        raise BodyTooLarge  # werkzeug stops reading there without a word
    if req.content_length is not None and len(body) < req.content_length:
        raise NotJson
    return body


def read_json(body: bytes) -> Any:
    """The value that ``body`` holds.

    Raises:
        NotJson: it is not UTF-8, not JSON (``NaN`` is not), names a member twice, or nests too deeply to be read.
        InvalidInput: it holds more values or levels than any operation takes, or a name that is not text.
    """
    objects = count(1)

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if max(len(pairs), next(objects)) > MOST_VALUES:  # before the rest is read
            raise _refused(TOO_MANY_VALUES)
        return _members(pairs)

    try:
        value = json.loads(body.decode(), object_pairs_hook=members, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:  # ValueError: also what is not UTF-8, and numbers too long to read
        raise NotJson from error
    _check_size(value)
    return value


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """One object. JSON readers disagree about which of two equal names counts, so neither does."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("an object names a member twice")
    if any(LONE_SURROGATE.search(name) for name in members):
        raise _refused(NAME_NOT_TEXT)
    return members


def _check_size(value: Any) -> None:
    """Counts all values, level by level.

    Raises:
        InvalidInput: there are too many, or too many levels.
    """
    level, seen = [value], 1
    for _ in range(MOST_LEVELS + 1):
        inside = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        seen += sum(map(len, inside))
        if seen > MOST_VALUES:
            raise _refused(TOO_MANY_VALUES)
        if not inside:
            return
        level = [value for values in inside for value in values]
    raise _refused(TOO_DEEP)


def _refused(fault: Fault) -> InvalidInput:
    return InvalidInput({"json": {"_schema": [fault]}})


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
