"""Tags: names on conversations, and the colours that their owners gave them."""

import builtins
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.errors import Invalid, TagNotFound
from chatapp.models.order_models import Tag, TagColor
from chatapp.models.reasons import FaultReason
from chatapp.repositories.changes import conversation_updated, last_change, tag_updated, tell_user
from chatapp.repositories.documents import Document

MOST_LISTED = 1000
MOST_COLORED = 1000


class TagRepository:
    """The tags in ``conversations``, and the collection ``tags``, which holds nothing but their colours."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._tags = database["tags"]
        self._users = database["users"]

    def list(self, user_id: str, name: str | None = None) -> builtins.list[Tag]:
        """The user's tags by name, or only the one that is named; at most ``MOST_LISTED``, those used most."""
        match = {**_tagged(user_id, name), "temporary": False}
        listed = {"$and": [{"$eq": ["$archived", False]}, {"$eq": ["$trashedAt", None]}]}
        pipeline: builtins.list[Document] = [
            {"$match": match},
            {"$unwind": "$tags"},
            *([{"$match": {"tags": name}}] if name is not None else []),
            {"$group": {"_id": "$tags", "count": {"$sum": {"$cond": [listed, 1, 0]}}}},
            {"$sort": {"count": -1, "_id": 1}},
            {"$limit": MOST_LISTED},
        ]
        colors = {one["name"]: one["color"] for one in self._tags.find({"userId": ObjectId(user_id)})}
        found = self._conversations.aggregate(pipeline, hint="tagged")
        tags = [Tag(one["_id"], _color(colors.get(one["_id"])), one["count"]) for one in found]
        return sorted(tags, key=lambda tag: (tag.name.casefold(), tag.name))

    def rename(self, user_id: str, name: str, new: str) -> None:
        """Gives the tag another name everywhere. Where there is one of that name, they become one, with its colour."""
        change = {"lastChange": last_change(user_id, conversation_updated(["tags"]))}
        both = {**_tagged(user_id, name), "$and": [{"tags": new}]}
        self._conversations.update_many(both, {"$pull": {"tags": name}, "$set": change})
        self._conversations.update_many(
            _tagged(user_id, name), {"$set": {"tags.$[old]": new, **change}}, array_filters=[{"old": name}]
        )
        colored = self._tags.find_one_and_delete({"userId": ObjectId(user_id), "name": name})
        if colored is not None:
            self._color_once(user_id, new, {"$setOnInsert": {"color": colored["color"]}})
        self._tell(user_id, name)

    def recolor(self, user_id: str, name: str, color: TagColor | None) -> None:
        """Sets or removes the colour.

        Raises:
            Invalid: the user has given as many tags a colour as one can.
        """
        if color is None:
            self._tags.delete_one({"userId": ObjectId(user_id), "name": name})
            self._tell(user_id, name)
            return
        others = {"userId": ObjectId(user_id), "name": {"$ne": name}}
        if self._tags.count_documents(others, limit=MOST_COLORED) == MOST_COLORED:
            sentence = f"You have given {MOST_COLORED} tags a colour already."
            raise Invalid.field("color", FaultReason.TOO_MANY, sentence, MOST_COLORED)
        self._color_once(user_id, name, {"$set": {"color": color.value}})
        self._tell(user_id, name)

    def delete(self, user_id: str, name: str) -> None:
        """Takes the tag off every conversation, and forgets its colour."""
        change = {"lastChange": last_change(user_id, conversation_updated(["tags"]))}
        self._conversations.update_many(_tagged(user_id, name), {"$pull": {"tags": name}, "$set": change})
        self._tags.delete_one({"userId": ObjectId(user_id), "name": name})
        self._tell(user_id, name)

    def check(self, user_id: str, name: str) -> None:
        """Raises ``TagNotFound`` where none of the user's conversations has the tag."""
        if self._conversations.find_one(_tagged(user_id, name), {"_id": 1}) is None:
            raise TagNotFound

    def _tell(self, user_id: str, name: str) -> None:
        tell_user(self._users, user_id, tag_updated(name))

    def _color_once(self, user_id: str, name: str, update: Document) -> None:
        self._tags.update_one({"userId": ObjectId(user_id), "name": name}, update, upsert=True)


def _tagged(user_id: str, name: str | None) -> dict[str, Any]:
    """Matches the conversations with this tag, or with any. It repeats the filter of the index ``tagged``."""
    tagged: dict[str, Any] = {"userId": ObjectId(user_id), "tags.0": {"$exists": True}}
    return tagged if name is None else {**tagged, "tags": name}


def _color(word: str | None) -> TagColor | None:
    return TagColor(word) if word in tuple(TagColor) else None
