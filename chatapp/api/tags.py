"""Tags: names on conversations, with colours."""

from typing import Any

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.tag import TagPageSchema, TagSchema, TagUpdateSchema
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import TagNotFound
from chatapp.models.chat_models import Page
from chatapp.models.order_models import Tag

blueprint = ApiBlueprint("tags", __name__, url_prefix="/api/tags", description="Tags of conversations")


@blueprint.route("", methods=["GET"])
@signed_in
@blueprint.response(200, TagPageSchema)
def list_tags() -> Page[Tag]:
    """List your own tags, by name.

    This is one page, of the 1,000 that are used most: `nextCursor` is null.
    """
    return container().tags.list(current_user_id())


@blueprint.route("/<path:tag_name>", methods=["PATCH"], merge_slashes=False)
@signed_in
@may_fail(TagNotFound)
@blueprint.arguments(TagUpdateSchema)
@blueprint.response(200, TagSchema)
def update_tag(body: dict[str, Any], tag_name: str) -> Tag:
    """Rename a tag on all of your conversations, give it a colour, or both.

    With the name of another tag the two become one.
    """
    return container().tags.update(current_user_id(), tag_name, body)


@blueprint.route("/<path:tag_name>", methods=["DELETE"], merge_slashes=False)
@signed_in
@may_fail(TagNotFound)
@blueprint.response(204)
def delete_tag(tag_name: str) -> None:
    """Take a tag off all of your conversations.

    The conversations stay.
    """
    container().tags.delete(current_user_id(), tag_name)
