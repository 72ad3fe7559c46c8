"""Counts what is stored for each user.

The same counting as in ``chatapp.repositories.storage``. Workers of the version before, which serve meanwhile, do not
count what they store; ``flask check --repair`` runs this again.
"""

from collections import Counter
from typing import Any

from bson import ObjectId
from pymongo.database import Database

_SYSTEM_PROMPT_BYTES = {"$strLenBytes": {"$ifNull": ["$systemPrompt", ""]}}
_MESSAGE_BYTES = {"$multiply": [500, "$messageCount"]}
_CONVERSATION_BYTES = {"$add": [2_000, _SYSTEM_PROMPT_BYTES, "$windowBytes", _MESSAGE_BYTES]}


def migrate(database: Database[dict[str, Any]]) -> None:
    """Sets ``storedBytes`` of every account."""
    counted: Counter[ObjectId] = Counter()
    conversations = [{"$match": {"purgedAt": {"$exists": False}}}, _sum_by_user(_CONVERSATION_BYTES)]
    for collection, pipeline in (("conversations", conversations), ("message_pages", [_sum_by_user("$bytes")])):
        for user in database[collection].aggregate(pipeline):
            counted[user["_id"]] += user["bytes"]
    users = database["users"]
    for user in users.find({}, {"storedBytes": 1}):
        if user.get("storedBytes") != counted[user["_id"]]:
            users.update_one({"_id": user["_id"]}, {"$set": {"storedBytes": counted[user["_id"]]}})


def _sum_by_user(count: Any) -> dict[str, Any]:
    return {"$group": {"_id": "$userId", "bytes": {"$sum": count}}}
