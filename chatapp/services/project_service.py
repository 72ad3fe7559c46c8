"""Projects: folders of conversations, with a system prompt and a model for those that name none."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from chatapp.errors import PreconditionFailed
from chatapp.models.chat_models import Condition, Page
from chatapp.models.order_models import Project
from chatapp.repositories.conversation_repository import ConversationRepository
from chatapp.repositories.project_repository import ProjectRepository
from chatapp.services.conversation_service import CheckModel


class ProjectService:
    """Every call names the user. Another user's project raises ``NotOwner``, none at all ``ProjectNotFound``."""

    def __init__(
        self, projects: ProjectRepository, conversations: ConversationRepository, check_model: CheckModel
    ) -> None:
        self._projects = projects
        self._conversations = conversations
        self._check_model = check_model

    def create(self, user_id: str, *, name: str, system_prompt: str | None = None, model: str | None = None) -> Project:
        """A new project.

        Raises:
            UnknownModel: the model cannot be chosen.
            Invalid: the user has as many projects as one can have.
        """
        if model is not None:
            self._check_model(model)
        return self._projects.create(user_id, name, system_prompt, model)

    def list(self, user_id: str) -> Page[Project]:
        """All of the user's projects, by name."""
        counts = self._conversations.counts_by_project(user_id)
        projects = self._projects.list(user_id)
        return Page(tuple(replace(one, conversation_count=counts.get(one.id, 0)) for one in projects), None)

    def get(self, user_id: str, project_id: str) -> Project:
        """The project."""
        return self._counted(self._projects.get(user_id, project_id))

    def update(
        self, user_id: str, project_id: str, changes: Mapping[str, Any], *, only_if: Condition[Project] | None = None
    ) -> Project:
        """Changes the fields in ``changes``, named as in the model.

        Raises:
            UnknownModel: the model cannot be chosen.
            PreconditionFailed: ``only_if`` does not hold, or something else changed it meanwhile.
        """
        if changes.get("model") is not None:
            self._check_model(changes["model"])
        as_read = None if only_if is None else self.get(user_id, project_id)
        if as_read is not None and only_if is not None and not only_if(as_read):
            raise PreconditionFailed
        return self._counted(self._projects.update(user_id, project_id, changes, as_read))

    def delete(self, user_id: str, project_id: str) -> None:
        """Deletes the project. Its conversations stay, in no project.

        They are let go before, so that the call can be repeated after a crash, and after: one may just have come.
        """
        self._projects.get(user_id, project_id)
        self._conversations.leave_project(user_id, project_id)
        self._projects.delete(user_id, project_id)
        self._conversations.leave_project(user_id, project_id)

    def _counted(self, project: Project) -> Project:
        count = self._conversations.counts_by_project(project.user_id).get(project.id, 0)
        return replace(project, conversation_count=count)
