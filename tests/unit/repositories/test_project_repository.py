"""Projects as documents, on mongomock."""

from __future__ import annotations

from typing import Any

import mongomock
import pytest
from bson import ObjectId

from chatapp.errors import PreconditionFailed
from chatapp.repositories.project_repository import ProjectRepository

ADA = ObjectId()


@pytest.fixture
def database() -> Any:
    database: Any = mongomock.MongoClient(tz_aware=True)["chatapp"]
    database["users"].insert_one({"_id": ADA})
    return database


@pytest.fixture
def projects(database: Any) -> ProjectRepository:
    return ProjectRepository(database)


def told(database: Any) -> Any:
    """What the user's devices were told last."""
    [event] = database["users"].find_one()["lastChange"]["events"]
    return event


def test_projects_are_listed_by_name_in_any_case_and_then_by_age(projects: ProjectRepository) -> None:
    made = [projects.create(str(ADA), name, None, None) for name in ("b", "C", "a", "b")]

    listed = projects.list(str(ADA))

    assert [project.name for project in listed] == ["a", "b", "b", "C"]
    assert [project.id for project in listed[1:3]] == [made[0].id, made[3].id]


@pytest.mark.parametrize("changes", [{"name": "Home"}, {"model": "m"}, {"system_prompt": "Be brief."}])
def test_a_project_that_has_changed_since_it_was_read_is_not_changed(
    projects: ProjectRepository, changes: dict[str, Any]
) -> None:
    read = projects.create(str(ADA), "Work", None, None)
    meanwhile = projects.update(str(ADA), read.id, changes)

    with pytest.raises(PreconditionFailed):
        projects.update(str(ADA), read.id, {"name": "Archive"}, read)

    assert projects.get(str(ADA), read.id) == meanwhile
    assert projects.update(str(ADA), read.id, {"name": "Archive"}, meanwhile).name == "Archive"


def test_devices_are_told_of_what_changes_and_of_nothing_else(projects: ProjectRepository, database: Any) -> None:
    made = projects.create(str(ADA), "Work", None, None)
    assert told(database) == {"type": "project.created", "projectId": made.id}

    assert projects.update(str(ADA), made.id, {}) == made
    assert told(database)["type"] == "project.created"

    projects.update(str(ADA), made.id, {"name": "Home"})
    assert told(database) == {"type": "project.updated", "projectId": made.id}

    projects.delete(str(ADA), made.id)
    assert told(database) == {"type": "project.deleted", "projectId": made.id}
