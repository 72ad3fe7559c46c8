"""All starred messages."""

from typing import Any

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.base import PageArgs
from chatapp.api.schemas.message import StarPageSchema
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import InvalidCursor
from chatapp.models.chat_models import Page, Star

blueprint = ApiBlueprint("starred", __name__, url_prefix="/api/starred", description="Starred messages")


@blueprint.route("", methods=["GET"])
@signed_in
@may_fail(InvalidCursor)
@blueprint.arguments(PageArgs, location="query")
@blueprint.response(200, StarPageSchema)
def list_starred(args: dict[str, Any]) -> Page[Star]:
    """List your own starred messages, the most recently starred first.

    Those of conversations in the trash are left out.
    """
    return container().messages.marks.stars(current_user_id(), **args)
