"""Keeps ``search_entries`` up with the conversations: one entry for each message and each title.

A conversation is ``isIndexed`` from the moment that its last message and its title are in the index. Whatever adds a
message or changes the title removes that mark in the same update, so "not indexed yet" is a query, and nobody who
writes waits for the index. ``indexedCount`` says from which position of the log on messages are missing.

Every step may be repeated, and done by several processes at once: the id of an entry follows from its message, and
messages do not change.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId
from pymongo import ASCENDING, ReplaceOne, UpdateOne
from pymongo.database import Database
from pymongo.errors import OperationFailure
from pymongo.write_concern import WriteConcern

from chatapp.failpoints import reach
from chatapp.models.chat_models import Role
from chatapp.repositories.conversation_reader import NOT_PURGED
from chatapp.repositories.documents import Document
from chatapp.search.tokens import index
from chatapp.threads import in_real_thread

NOT_INDEXED: Document = {"isIndexed": None, "temporary": False}
"""Repeats the filter of the index ``unindexed``."""

START_OVER: Document = {"$unset": {"isIndexed": "", "indexedCount": ""}}

_CONVERSATIONS = 50
"""In one step, at most: each document of theirs may have 2.5 MB, of which only what is not indexed is read."""

_SAMPLE = 20
"""Conversations, of any user: where entries are lost, nearly all are marked; where nothing is indexed yet, none."""

_WINDOW = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

FRESH: Document = {
    **dict.fromkeys(("userId", "title", "createdAt", "messageCount", "pagedCount", "indexedCount"), 1),
    "messages": {
        "$slice": [
            "$messages",
            {"$max": [0, {"$subtract": [{"$ifNull": ["$indexedCount", 0]}, "$pagedCount"]}]},
            _WINDOW,
        ]
    },
}
"""Projects what there is to index of a conversation; what is in pages is read separately."""


class SearchIndex:
    """Writes the index."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._pages = database["message_pages"]
        # Not waited for: the mark on the conversation, which is, comes after them in the same log of the database.
        self._entries = database.get_collection("search_entries", write_concern=WriteConcern(w=1, j=False))

    def is_lost(self) -> bool:
        """Whether somebody dropped or deleted the entries of all users."""
        if "newest" not in self._entries.index_information():
            return True
        if self._entries.find_one({}, {"_id": 1}) is not None:
            return False
        some: list[Document] = [{"$sample": {"size": _SAMPLE}}, {"$match": {"isIndexed": True}}, {"$limit": 1}]
        return any(True for _ in self._conversations.aggregate(some))

    def is_behind(self) -> bool:
        """Whether anything of any user is not indexed."""
        return self._conversations.find_one(NOT_INDEXED, {"_id": 1}, hint="unindexed") is not None

    def catch_up(self, most: int, among: Sequence[ObjectId] | None = None) -> int:
        """Indexes about ``most`` messages of all users that are not indexed. Returns of how many conversations.

        With ``among`` only those of these conversations.
        """
        chosen = NOT_INDEXED if among is None else {**NOT_INDEXED, "_id": {"$in": among}}
        found: list[Document] = []
        count = 0
        steps: list[Document] = [{"$match": chosen}, {"$limit": _CONVERSATIONS}, {"$project": FRESH}]
        by = "unindexed" if among is None else "_id_"
        with self._conversations.aggregate(steps, hint=by, batchSize=5) as fresh:
            for conversation in fresh:
                conversation["messages"] = self._missing(conversation, most)
                found.append(conversation)
                count += len(conversation["messages"])
                if count >= most:
                    break
        if found:
            self._write(found)
        return len(found)

    def start_over(self, after: ObjectId, count: int) -> list[ObjectId]:
        """Has the next ``count`` conversations of all users, by id, indexed again. Returns their ids.

        Their entries stay until then, and those that are right stay for good.
        """
        query = {"_id": {"$gt": after}, "temporary": False}
        ids = [one["_id"] for one in self._conversations.find(query, {"_id": 1}).sort("_id", ASCENDING).limit(count)]
        self._conversations.update_many({"_id": {"$in": ids}}, START_OVER)
        reach("search.started_over")
        return ids

    def drop_words(self) -> None:
        """Drops the index of words, so that storing entries costs little until it is built again."""
        with suppress(OperationFailure):  # it is dropped already
            self._entries.drop_index("tokens")

    def remove(self, conversation: Document) -> None:
        """Takes a conversation (its ``_id`` and ``userId``) out of the index, until it is indexed again."""
        owned = {"_id": conversation["_id"], "userId": conversation["userId"]}
        self._conversations.update_one(owned, START_OVER)
        reach("search.started_over")
        self._entries.delete_many({"userId": owned["userId"], "conversationId": owned["_id"]})
        # A worker may have indexed it before they were deleted, or is about to say so: 0 is not what it has read.
        self._conversations.update_one(owned, {"$unset": {"isIndexed": ""}, "$set": {"indexedCount": 0}})

    def _missing(self, conversation: Document, most: int) -> list[Document]:
        """The messages that are not indexed, oldest first; if they are in pages, at least ``most`` of them."""
        done = conversation.get("indexedCount", 0)
        if done >= conversation["pagedCount"]:
            conversation["indexedTo"] = conversation["messageCount"]
            return list(conversation["messages"])
        missing: list[Document] = []
        for page in self._pages_from(conversation, done):
            missing += page["messages"][max(0, done - page["firstPosition"]) :]
            conversation["indexedTo"] = page["firstPosition"] + len(page["messages"])
            if len(missing) >= most:
                return missing
        conversation["indexedTo"] = conversation["messageCount"]
        return [*missing, *conversation["messages"]]

    def _pages_from(self, conversation: Document, position: int) -> Iterator[Document]:
        query = {
            "userId": conversation["userId"],
            "conversationId": conversation["_id"],
            "firstPosition": {"$lt": conversation["pagedCount"]},
            "$expr": {"$gt": [{"$add": ["$firstPosition", "$count"]}, position]},
        }
        return iter(self._pages.find(query, batch_size=2).sort("firstPosition", ASCENDING))

    def _write(self, found: list[Document]) -> None:
        entries = in_real_thread(lambda: [entry for one in found for entry in entries_of(one, one["messages"])])
        reach("search.entries_made")
        # One that is there as it is costs next to nothing.
        puts = [ReplaceOne({"_id": one["_id"], "userId": one["userId"]}, one, upsert=True) for one in entries]
        self._entries.bulk_write(puts, ordered=False)
        reach("search.entries_stored")
        marks = [_mark(one) for one in found]
        if self._conversations.bulk_write(marks, ordered=False).matched_count < len(marks):
            self._remove_deleted(found)

    def _remove_deleted(self, conversations: list[Document]) -> None:
        """Deletes the entries of what was deleted for good meanwhile."""
        ids = [one["_id"] for one in conversations]
        kept = set(self._conversations.distinct("_id", {"_id": {"$in": ids}, **NOT_PURGED}))
        for gone in (one for one in conversations if one["_id"] not in kept):
            self.remove(gone)


def entries_of(conversation: Document, messages: Iterable[Document]) -> Iterator[Document]:
    """The entries of a conversation's title and of these messages.

    A message of 300,000 characters takes 35 to 300 ms: no event loop should wait for it.
    """
    yield title_entry(conversation)
    for message in filter(is_sound, messages):
        yield message_entry(conversation["userId"], conversation["_id"], message)


def is_sound(message: Any) -> bool:
    """Whether it is a message that can be found: one that is damaged must not hold up all others, of all users."""
    kinds = {"id": str, "createdAt": datetime, "content": str, "role": str}
    return (
        isinstance(message, dict)
        and all(isinstance(message.get(name), kind) for name, kind in kinds.items())
        and message["role"] in list(Role)
        and isinstance(message.get("model", ""), str)
    )


def message_entry(user_id: ObjectId, conversation_id: ObjectId, message: Document) -> Document:
    """The entry of a message as the log has it."""
    indexed = index(message["content"])
    entry = {
        "_id": entry_id(message["createdAt"], conversation_id, message["id"]),
        "userId": user_id,
        "conversationId": conversation_id,
        "messageId": message["id"],
        "role": message["role"],
        "text": indexed.text,
        "tokens": indexed.tokens,
    }
    if "model" in message:
        entry["model"] = message["model"]
    if "```" in message["content"]:
        entry["code"] = True
    return entry


def title_entry(conversation: Document) -> Document:
    """The entry of a conversation's title."""
    indexed = index(conversation["title"])
    return {
        "_id": entry_id(conversation["createdAt"], conversation["_id"], "title"),
        "userId": conversation["userId"],
        "conversationId": conversation["_id"],
        "messageId": None,
        "text": indexed.text,
        "tokens": indexed.tokens,
    }


def entry_id(moment: datetime, conversation_id: ObjectId, name: str) -> ObjectId:
    """48 bits of time in milliseconds, then 48 that tell apart what has the same: in the order of time."""
    different = hashlib.sha256(f"{conversation_id} {name}".encode()).digest()[:6]
    return ObjectId(_milliseconds(moment).to_bytes(6, "big") + different)


def first_id(moment: datetime) -> ObjectId:
    """No entry from this moment on has a smaller id."""
    return ObjectId(_milliseconds(moment).to_bytes(6, "big") + bytes(6))


def moment_of(entry: ObjectId) -> datetime:
    return _EPOCH + timedelta(milliseconds=int.from_bytes(entry.binary[:6], "big"))


def _milliseconds(moment: datetime) -> int:
    return max(0, (moment - _EPOCH) // timedelta(milliseconds=1))


def _mark(conversation: Document) -> UpdateOne:
    """Notes how far the conversation is indexed, and that it is so wholly, if it is still as it was read."""
    owned = {"_id": conversation["_id"], "userId": conversation["userId"], **NOT_PURGED}
    owned["indexedCount"] = conversation.get("indexedCount")
    done: Document = {"indexedCount": conversation["indexedTo"]}
    if conversation["indexedTo"] == conversation["messageCount"]:
        owned.update({"messageCount": conversation["messageCount"], "title": conversation["title"]})
        done["isIndexed"] = True
    return UpdateOne(owned, {"$set": done})
