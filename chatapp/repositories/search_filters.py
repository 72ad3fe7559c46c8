"""What entries of ``search_entries`` must have because of the filters of a query."""

import operator
from collections.abc import Callable
from typing import Any

from bson import ObjectId
from pymongo.database import Database

from chatapp.repositories.documents import Document
from chatapp.repositories.search_index import first_id
from chatapp.search.query import Filters

_TAGGED: Document = {"tags.0": {"$exists": True}}
"""Repeats the filter of the index of tags."""

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "$in": lambda value, some: value in some,
    "$nin": lambda value, some: value not in some,
    "$lt": operator.lt,
    "$gte": operator.ge,
}


class SearchFilters:
    """Translates filters into conditions. Every one includes the owner."""

    def __init__(self, database: Database[Document]) -> None:
        self._conversations = database["conversations"]
        self._projects = database["projects"]

    def condition(self, user_id: str, filters: Filters) -> Document:
        """What entries must have because of the filters. What is in the trash is left out, or nothing else is found."""
        owner = ObjectId(user_id)
        condition: Document = {"userId": owner}
        named: Document = {"trashedAt": {"$type": "date"} if filters.in_trash else None}
        if filters.tags:
            named |= {"$and": [{**_TAGGED, "tags": {"$in": _spellings(name)}} for name in {*filters.tags}]}
        if filters.projects:
            named["projectId"] = {"$in": self._projects_called(owner, filters.projects)}
        if filters.starred:
            named["starredAt"] = {"$type": "date"}
        if filters.in_trash or len(named) > 1:
            query = {"userId": owner, "temporary": False, **named}
            chosen = list(self._conversations.find(query, {"stars": 1}))
            condition["conversationId"] = {"$in": [one["_id"] for one in chosen]}
            if filters.starred:
                condition["messageId"] = {"$in": [id_ for one in chosen for id_ in one.get("stars", {})]}
        elif trashed := self._trashed(owner):
            condition["conversationId"] = {"$nin": trashed}
        if filters.in_title:
            condition["messageId"] = {"$in": []} if filters.starred else None  # a title has no star
        fields = {"role": filters.roles, "model": filters.models, "code": (True,) if filters.code else ()}
        condition.update({name: {"$in": list(values)} for name, values in fields.items() if values})
        times = {"$lt": filters.before, "$gte": filters.after}
        ids = {name: first_id(moment) for name, moment in times.items() if moment is not None}
        return {**condition, "_id": ids} if ids else condition

    def _projects_called(self, owner: ObjectId, names: tuple[str, ...]) -> list[ObjectId]:
        """The projects with one of these names, in any case, or with one of these ids."""
        wanted = {name.casefold() for name in names}
        own = self._projects.find({"userId": owner}, {"name": 1})
        return [one["_id"] for one in own if wanted & {str(one["_id"]), one["name"].casefold()}]

    def _trashed(self, owner: ObjectId) -> list[ObjectId]:
        query = {"userId": owner, "trashedAt": {"$type": "date"}, "temporary": False}
        return [one["_id"] for one in self._conversations.find(query, {"_id": 1}, hint="trashed")]


def _spellings(name: str) -> list[str]:
    """A tag's name in the cases in which people write it. To compare in any case, all tags would have to be read."""
    first, rest = name[:1], name[1:]
    in_part = (first.upper() + rest, first.lower() + rest, name.title())
    return list({name, name.lower(), name.upper(), name.capitalize(), *in_part})


def has(entry: Document, condition: Document) -> bool:
    """Whether an entry that is not stored yet has what ``SearchFilters.condition`` asks for."""
    return all(
        all(_OPERATORS[name](entry.get(field), operand) for name, operand in wanted.items())
        if isinstance(wanted, dict)
        else entry.get(field) == wanted
        for field, wanted in condition.items()
    )
