"""Reads what a page of search results shows."""

from collections.abc import Iterable

from bson import ObjectId
from pymongo.database import Database

from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.repositories.search_repository import Found


class ShownRepository:
    """Reads titles and messages. Every query includes the owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]

    def read(self, user_id: str, found: Iterable[Found]) -> tuple[dict[ObjectId, str], dict[str, Document]]:
        """The titles of the conversations by their ids, and the messages that were found by theirs.

        What has been deleted for good meanwhile is in neither.
        """
        hits = list(found)
        owner = ObjectId(user_id)
        conversations = list({hit.conversation_id for hit in hits})
        messages = [hit.message_id for hit in hits if hit.message_id is not None]
        chosen = {"$filter": {"input": "$messages", "cond": {"$in": ["$$this.id", messages]}}}
        query = {"_id": {"$in": conversations}, "userId": owner, **NOT_PURGED}
        windows = list(
            self._conversations.aggregate([{"$match": query}, {"$project": {"title": 1, "messages": chosen}}])
        )
        found_messages = {message["id"]: message for one in windows for message in one["messages"]}
        paged = [id_ for id_ in messages if id_ not in found_messages]
        if paged:
            where = {"userId": owner, "conversationId": {"$in": conversations}, "messages.id": {"$in": paged}}
            pages = self._pages.aggregate([{"$match": where}, {"$project": {"messages": chosen}}], hint="message")
            found_messages.update({message["id"]: message for page in pages for message in page["messages"]})
        return {one["_id"]: one["title"] for one in windows}, found_messages
