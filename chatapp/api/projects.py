"""Projects: folders of conversations."""

from typing import Any

from chatapp.api.blueprint import ApiBlueprint
from chatapp.api.etags import only_if, tagged
from chatapp.api.locations import Created, created
from chatapp.api.openapi import may_fail
from chatapp.api.schemas.project import NewProjectSchema, ProjectPageSchema, ProjectSchema, ProjectUpdateSchema
from chatapp.api.sign_in import current_user_id, signed_in
from chatapp.container import container
from chatapp.errors import NotOwner, ProjectNotFound, UnknownModel
from chatapp.models.chat_models import Page
from chatapp.models.order_models import Project

blueprint = ApiBlueprint("projects", __name__, url_prefix="/api/projects", description="Folders of conversations")

_schema = ProjectSchema()

_READING = (ProjectNotFound, NotOwner)


@blueprint.route("", methods=["GET"])
@signed_in
@blueprint.response(200, ProjectPageSchema)
def list_projects() -> Page[Project]:
    """List your own projects, by name.

    There are so few that this is one page: `nextCursor` is null.
    """
    return container().projects.list(current_user_id())


@blueprint.route("", methods=["POST"])
@signed_in
@may_fail(UnknownModel)
@blueprint.arguments(NewProjectSchema)
@blueprint.response(201, ProjectSchema)
def create_project(body: dict[str, Any]) -> Created[Project]:
    """Create a project.

    Its system prompt and model apply to those of its conversations that have none of their own.
    """
    project = container().projects.create(current_user_id(), **body)
    return created(project, ".get_project", project_id=project.id)


@blueprint.route("/<project_id>", methods=["GET"])
@signed_in
@may_fail(*_READING)
@tagged
@blueprint.response(200, ProjectSchema)
def get_project(project_id: str) -> Project:
    """Read a project, without its conversations.

    `GET /api/conversations/` lists those.
    """
    return container().projects.get(current_user_id(), project_id)


@blueprint.route("/<project_id>", methods=["PATCH"])
@signed_in
@may_fail(*_READING, UnknownModel)
@blueprint.arguments(ProjectUpdateSchema)
@tagged
@blueprint.response(200, ProjectSchema)
def update_project(body: dict[str, Any], project_id: str) -> Project:
    """Change a project.

    It applies from the next answer on, in each of its conversations.
    """
    return container().projects.update(current_user_id(), project_id, body, only_if=only_if(_schema))


@blueprint.route("/<project_id>", methods=["DELETE"])
@signed_in
@may_fail(*_READING)
@blueprint.response(204)
def delete_project(project_id: str) -> None:
    """Delete a project.

    Its conversations stay, in no project.
    """
    container().projects.delete(current_user_id(), project_id)
