"""Reads what a page of search results shows."""

from collections.abc import Iterable

from bson import ObjectId
from pymongo.database import Database

from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.repositories.search_index import is_sound
from chatapp.repositories.search_repository import Found

Place = tuple[ObjectId, str]
"""A message's conversation and its id, which clients choose: it is unique in its conversation."""


class ShownRepository:
    """Reads titles and messages. Every query includes the owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]

    def read(self, user_id: str, found: Iterable[Found]) -> tuple[dict[ObjectId, str], dict[Place, Document]]:
        """The titles of the conversations by their ids, and the messages that were found by conversation and id.

        What has been deleted for good or damaged meanwhile is in neither.
        """
        hits = list(found)
        owner = ObjectId(user_id)
        conversations = list({hit.conversation_id for hit in hits})
        places = [(hit.conversation_id, hit.message_id) for hit in hits if hit.message_id is not None]
        chosen = {"$filter": {"input": "$messages", "cond": {"$in": ["$$this.id", [id_ for _, id_ in places]]}}}
        query = {"_id": {"$in": conversations}, "userId": owner, **NOT_PURGED}
        windows = list(
            self._conversations.aggregate([{"$match": query}, {"$project": {"title": 1, "messages": chosen}}])
        )
        messages = {(one["_id"], said["id"]): said for one in windows for said in filter(is_sound, one["messages"])}
        paged = [id_ for conversation, id_ in places if (conversation, id_) not in messages]
        if paged:
            where = {"userId": owner, "conversationId": {"$in": conversations}, "messages.id": {"$in": paged}}
            fields = {"conversationId": 1, "messages": chosen}
            pages = self._pages.aggregate([{"$match": where}, {"$project": fields}], hint="message")
            messages |= {
                (page["conversationId"], said["id"]): said
                for page in pages
                for said in filter(is_sound, page["messages"])
            }
        return {one["_id"]: one["title"] for one in windows}, messages
