"""Conversations remember which child of a message with several was shown last, in ``shown``.

Where nothing is remembered the newest child counts, so only conversations are changed that have branches.
"""

from typing import Any

from pymongo import ASCENDING
from pymongo.database import Database

Document = dict[str, Any]

_LINKS = {"messages.id": 1, "messages.parentId": 1}
_ATTEMPTS = 20


def migrate(database: Database[Document]) -> None:
    """Remembers the children on the branch that is shown. Workers of the version before may go on writing."""
    changed = {"branches": {"$gt": {}}, "shown": {"$exists": False}}
    for found in database["conversations"].find(changed, {"userId": 1}):
        owned = {"_id": found["_id"], "userId": found["userId"], **changed}
        for _ in range(_ATTEMPTS):
            if _remember(database, owned):
                break


def _remember(database: Database[Document], owned: Document) -> bool:
    """False if the conversation has changed meanwhile."""
    fields = {"branches": 1, "activeMessageId": 1, "messageCount": 1, "pagedCount": 1, **_LINKS}
    conversation = database["conversations"].find_one(owned, fields)
    if conversation is None:
        return True
    shown = _shown(_parents(database, owned, conversation), conversation)
    unchanged = {name: conversation[name] for name in ("activeMessageId", "messageCount", "pagedCount")}
    return database["conversations"].update_one({**owned, **unchanged}, {"$set": {"shown": shown}}).matched_count == 1


def _parents(database: Database[Document], owned: Document, conversation: Document) -> dict[str, str | None]:
    pages = database["message_pages"].find(
        {
            "userId": owned["userId"],
            "conversationId": owned["_id"],
            "firstPosition": {"$lt": conversation["pagedCount"]},
        },
        _LINKS,
        sort=[("firstPosition", ASCENDING)],
    )
    blocks = [*pages, conversation]
    return {entry["id"]: entry["parentId"] for block in blocks for entry in block["messages"]}


def _shown(parents: dict[str, str | None], conversation: Document) -> dict[str, str]:
    shown: dict[str, str] = {}
    child = conversation["activeMessageId"]
    for _ in range(len(parents)):
        if child is None:
            break
        parent = parents.get(child)
        if (parent or "root") in conversation["branches"]:
            shown[parent or "root"] = child
        child = parent
    return shown
