"""Entity tags: whether a client knows what is stored now (RFC 9110, sections 8.8.3 and 13.1).

A tag is a hash of the JSON that is shown. It changes whenever that does, and needs no query and no stored version. The
tag of a compressed answer ends with its coding, see ``chatapp.api.compression``; here one counts as good as the other.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from flask import Response, jsonify, request

from chatapp.api.compression import CODINGS
from chatapp.api.openapi import View, may_fail
from chatapp.api.schemas.base import ApiSchema
from chatapp.errors import ChatAppError, PreconditionFailed
from chatapp.models.chat_models import Condition
from chatapp.models.reasons import Reason

_ANY = "*"
_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG})*[ \t,]*")
_CODING = re.compile(rf'-(?:{"|".join(CODINGS)})"$')


class MalformedHeader(ChatAppError):
    status = 400
    reason = Reason.MALFORMED_HEADER
    sentence = "If-Match and If-None-Match take * or a list of entity tags, each in double quotes."


def tagged(view: View) -> View:
    """Gives what ``view`` answers its ``ETag``. Directly outside of ``blueprint.response``, whose JSON it hashes.

    ``GET`` with ``If-Match`` of something else fails here; ``PATCH`` asks ``only_if`` before it changes anything.
    """

    @wraps(view)
    def with_tag(*args: Any, **kwargs: Any) -> Response:
        response: Response = view(*args, **kwargs)
        tag = _tag_of(response)
        if request.method in ("GET", "HEAD") and not _is_expected(_listed("If-Match"), tag):
            raise PreconditionFailed
        response.set_etag(tag)
        return response

    vars(with_tag)["has_etag"] = True
    return may_fail(MalformedHeader, PreconditionFailed)(cast(View, with_tag))


def has_etag(view: Callable[..., Any]) -> bool:
    """Whether ``tagged`` decorates ``view``."""
    return getattr(view, "has_etag", False)


def only_if(schema: ApiSchema) -> Condition[Any] | None:
    """What the request's ``If-Match`` and ``If-None-Match`` ask of the thing that ``schema`` shows, if anything.

    Raises:
        MalformedHeader: one of them cannot be read. Ignoring it would overwrite what it should protect.
    """
    expected, excluded = _listed("If-Match"), _listed("If-None-Match")
    if expected is None and excluded is None:
        return None

    def holds(thing: Any) -> bool:
        tag = _tag_of(jsonify(schema.dump(thing)))
        return _is_expected(expected, tag) and not _is_excluded(excluded, tag)

    return holds


def _tag_of(response: Response) -> str:
    return hashlib.blake2b(response.get_data(), digest_size=12).hexdigest()


def _listed(header: str) -> list[str] | None:
    """The tags in a header as they are written, without codings; ``None`` where there is no such header."""
    value = request.headers.get(header)
    if value is None or value.strip() == _ANY:
        return None if value is None else [_ANY]
    if not _TAGS.fullmatch(value):
        raise MalformedHeader
    return [_CODING.sub('"', tag) for tag in re.findall(_TAG, value)]


def _is_expected(expected: list[str] | None, tag: str) -> bool:
    """By strong comparison: a weak tag equals none."""
    return expected is None or _ANY in expected or f'"{tag}"' in expected


def _is_excluded(excluded: list[str] | None, tag: str) -> bool:
    """By weak comparison."""
    return excluded is not None and (_ANY in excluded or f'"{tag}"' in [one.removeprefix("W/") for one in excluded])
