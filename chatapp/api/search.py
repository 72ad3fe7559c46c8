"""Finding messages."""

from typing import Any

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.search import SearchArgs, SearchPageSchema
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import InvalidCursor
from chatapp.models.search_models import SearchPage

blueprint = ApiBlueprint("search", __name__, url_prefix="/api/search", description="Finding messages")


@blueprint.route("", methods=["GET"])
@signed_in
@may_fail(InvalidCursor)
@blueprint.arguments(SearchArgs, location="query")
@blueprint.response(200, SearchPageSchema)
def search(args: dict[str, Any]) -> SearchPage:
    """Search your own messages and the titles of your conversations.

    Every branch is searched, archived conversations are, and those in the trash only with `in:trash`. Temporary ones
    never are.
    """
    return container().search.search(current_user_id(), **args)
