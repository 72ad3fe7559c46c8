"""Tags: names on conversations, with colours. They are their owner's alone, whatever others call theirs."""

from collections.abc import Mapping
from typing import Any

from chatapp.models.chat_models import Page
from chatapp.models.order_models import Tag
from chatapp.repositories.tag_repository import TagRepository


class TagService:
    """Every call names the user. A tag that none of their conversations has raises ``TagNotFound``."""

    def __init__(self, tags: TagRepository) -> None:
        self._tags = tags

    def list(self, user_id: str) -> Page[Tag]:
        """The user's tags by name: the 1,000 that are used most."""
        return Page(tuple(self._tags.list(user_id)), None)

    def update(self, user_id: str, name: str, changes: Mapping[str, Any]) -> Tag:
        """Renames the tag everywhere, sets its colour, or both. With the name of another tag they become one.

        Raises:
            Invalid: the user has given as many tags a colour as one can.
        """
        self._tags.check(user_id, name)
        new: str = changes.get("name", name)
        if "color" in changes:
            self._tags.recolor(user_id, new, changes["color"])
        if new != name:
            self._tags.rename(user_id, name, new)
        found = self._tags.list(user_id, new)
        return found[0] if found else Tag(new, changes.get("color"), 0)

    def delete(self, user_id: str, name: str) -> None:
        """Takes the tag off all conversations."""
        self._tags.check(user_id, name)
        self._tags.delete(user_id, name)
