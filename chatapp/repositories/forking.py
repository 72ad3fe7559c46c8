"""Forks: a branch of a conversation, copied into one of its own.

First a tombstone takes the new conversation's id, and says of which message the fork is; then the pages are stored, and
with the last write the tombstone becomes the conversation. A process that ends in between leaves what nobody sees: the
same call with the same key goes on with it, or housekeeping deletes it with the tombstone.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

from bson import ObjectId
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from chatapp.clock import utc_now
from chatapp.errors import ConversationNotFound, KeyTaken
from chatapp.failpoints import reach
from chatapp.models.chat_models import Conversation, Message
from chatapp.repositories.changes import conversation_created, last_change
from chatapp.repositories.conversation_reader import ConversationReader
from chatapp.repositories.copying import copied_id, copies, store_pages
from chatapp.repositories.documents import Document, conversation_document
from chatapp.repositories.ids import id_for_key
from chatapp.repositories.limits import MESSAGE_OVERHEAD
from chatapp.repositories.storage import Storage


class Forks:
    """Makes them in the collection ``conversations``. ``storage`` counts what is stored."""

    def __init__(self, database: Database[Document], storage: Storage) -> None:
        self._database = database
        self._conversations = database["conversations"]
        self._reader = ConversationReader(database)
        self._storage = storage

    def make(
        self, source: Conversation, message_id: str, branch: Callable[[], Iterator[Message]], key: str | None = None
    ) -> Conversation:
        """A new conversation with the settings of ``source``, and with copies of the messages of a branch.

        Args:
            source: the conversation that the messages are from.
            message_id: the newest message of the branch.
            branch: reads its messages, newest first. They may be more than fit into memory, so it is called twice.
            key: makes the call idempotent: with the same key, the fork that the first call made is returned as it is.

        Raises:
            KeyTaken: ``key`` was used for a fork of another message.
            ConversationNotFound: the conversation created with ``key`` has been deleted for good.
            StorageFull: there is no room for it.
        """
        user_id, now = source.user_id, utc_now()
        sizes = [message.size for message in branch()][::-1]
        id_ = id_for_key(user_id, f"fork {key}") if key else ObjectId()
        place: Document = {"_id": id_, "userId": ObjectId(user_id)}
        if self._is_made(place, message_id):
            return self._reader.header(user_id, str(id_))
        count = sum(sizes) + MESSAGE_OVERHEAD * len(sizes)
        self._storage.take(user_id, count)
        fork = replace(source, id=str(id_), pinned=False, archived=False, created_at=now, updated_at=now)
        document = conversation_document(fork) | {"messageCount": len(sizes)}
        document |= dict.fromkeys(("activeMessageId", "readMessageId"), copied_id(message_id, fork.id))
        document |= store_pages(self._database, copies(branch(), fork.id), sizes)
        document["lastChange"] = last_change(user_id, conversation_created())
        reach("fork.pages_stored")
        tombstone = {**place, "purgedAt": {"$exists": True}, "forkOf": message_id}
        if self._conversations.update_one(tombstone, {"$set": document, "$unset": {"purgedAt": ""}}).matched_count:
            self._storage.count_conversation(user_id, fork.system_prompt)
        else:  # another call was faster
            self._storage.give_back(user_id, count)
        return self._reader.header(user_id, fork.id)

    def _is_made(self, place: Document, message_id: str) -> bool:
        """Whether this fork is there. If nothing is, it takes the place with a tombstone.

        Raises:
            KeyTaken, ConversationNotFound: what is there is something else, or is no more.
        """
        tombstone = {"purgedAt": utc_now(), "forkOf": message_id}
        with suppress(DuplicateKeyError):  # another call has just taken it
            self._conversations.update_one(place, {"$setOnInsert": tombstone}, upsert=True)
        found = self._conversations.find_one(place, {"forkOf": 1, "purgedAt": 1}) or {}
        if "forkOf" not in found:
            raise ConversationNotFound
        if found["forkOf"] != message_id:
            raise KeyTaken
        return "purgedAt" not in found
