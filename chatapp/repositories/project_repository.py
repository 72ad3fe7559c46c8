"""Projects: folders of conversations."""

import builtins
from collections.abc import Mapping
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.database import Database

from chatapp.clock import utc_now
from chatapp.errors import Invalid, PreconditionFailed, ProjectNotFound
from chatapp.models.order_models import Project
from chatapp.models.reasons import FaultReason
from chatapp.repositories.changes import project_changed, tell_user
from chatapp.repositories.documents import Document
from chatapp.repositories.ids import stored_id, why_missing

MOST_PROJECTS = 200
"""Of one user. So few that all of them are one page of a list."""

_STORED_NAMES = {"name": "name", "system_prompt": "systemPrompt", "model": "model"}


class ProjectRepository:
    """The collection ``projects``. How many conversations a project has is not known here."""

    def __init__(self, database: Database[Document]) -> None:
        self._projects = database["projects"]
        self._users = database["users"]

    def create(self, user_id: str, name: str, system_prompt: str | None, model: str | None) -> Project:
        """A new project.

        Raises:
            Invalid: the user has ``MOST_PROJECTS`` already.
        """
        owned = {"userId": ObjectId(user_id)}
        if self._projects.count_documents(owned, limit=MOST_PROJECTS) == MOST_PROJECTS:
            sentence = f"You have {MOST_PROJECTS} projects already."
            raise Invalid.field("name", FaultReason.TOO_MANY, sentence, MOST_PROJECTS)
        fields = {"name": name, "systemPrompt": system_prompt, "model": model, "createdAt": utc_now()}
        document = {"_id": ObjectId(), **owned, **fields}
        self._projects.insert_one(document)
        tell_user(self._users, user_id, project_changed("created", str(document["_id"])))
        return _project(document)

    def list(self, user_id: str) -> builtins.list[Project]:
        """All of the user's projects, by name."""
        found = self._projects.find({"userId": ObjectId(user_id)})
        return sorted(map(_project, found), key=lambda project: (project.name.casefold(), project.id))

    def find(self, user_id: str, project_id: str) -> Project | None:
        """One of the user's projects; ``None`` where there is none with this id."""
        document = self._projects.find_one({"_id": ObjectId(project_id), "userId": ObjectId(user_id)})
        return None if document is None else _project(document)

    def get(self, user_id: str, project_id: str) -> Project:
        """As ``find``.

        Raises:
            ProjectNotFound, NotOwner: the user has no such project.
        """
        id_ = stored_id(project_id, ProjectNotFound)
        project = self.find(user_id, project_id)
        if project is None:
            raise why_missing(self._projects, id_, ProjectNotFound)
        return project

    def update(
        self, user_id: str, project_id: str, changes: Mapping[str, Any], as_read: Project | None = None
    ) -> Project:
        """Sets the fields in ``changes``, named as in ``Project``; with ``as_read`` only if it is still so.

        Raises:
            ProjectNotFound, NotOwner: the user has no such project.
            PreconditionFailed: it has changed since it was read.
        """
        query: Document = {"_id": stored_id(project_id, ProjectNotFound), "userId": ObjectId(user_id)}
        if as_read is not None:
            query |= {stored: getattr(as_read, name) for name, stored in _STORED_NAMES.items()}
        update = {"$set": {_STORED_NAMES[name]: value for name, value in changes.items()}}
        after = ReturnDocument.AFTER
        found = self._projects.find_one_and_update(query, update, return_document=after) if changes else None
        if found is not None:
            tell_user(self._users, user_id, project_changed("updated", project_id))
            return _project(found)
        project = self.get(user_id, project_id)
        if changes:
            raise PreconditionFailed
        return project

    def delete(self, user_id: str, project_id: str) -> None:
        """Deletes the project alone; nothing happens if there is none."""
        self._projects.delete_one({"_id": ObjectId(project_id), "userId": ObjectId(user_id)})
        tell_user(self._users, user_id, project_changed("deleted", project_id))


def _project(document: Mapping[str, Any]) -> Project:
    return Project(
        id=str(document["_id"]),
        user_id=str(document["userId"]),
        name=document["name"],
        system_prompt=document["systemPrompt"],
        model=document["model"],
        created_at=document["createdAt"],
    )
