"""A conversation that names no model or system prompt has those of its project."""

from __future__ import annotations

from chatapp.generation.turn import Reserved
from chatapp.repositories.project_repository import ProjectRepository
from tests.integration.generation.conftest import Bench


def told(bench: Bench) -> tuple[str | None, str | None]:
    """The model and the system prompt of the next turn, which is not begun in earnest."""
    taken = bench.reserve()
    assert isinstance(taken, Reserved)
    bench.finisher.finish(taken.answer)
    return taken.answer.model, taken.window.conversation.system_prompt


def test_a_project_decides_what_its_conversation_leaves_open(bench: Bench) -> None:
    projects = ProjectRepository(bench.database)
    project = projects.create(bench.user_id, "Work", "Be brief.", "projects-model")
    own = (bench.user_id, bench.conversation.id)
    assert told(bench) == ("test-model", None)

    bench.conversations.update(*own, {"project_id": project.id})
    assert told(bench) == ("projects-model", "Be brief.")
    projects.update(bench.user_id, project.id, {"system_prompt": "Be kind."})
    assert told(bench) == ("projects-model", "Be kind.")

    bench.conversations.update(*own, {"system_prompt": ""})
    assert told(bench) == ("projects-model", "")
    bench.conversations.update(*own, {"model": "own-model", "system_prompt": None})
    assert told(bench) == ("own-model", "Be kind.")

    projects.delete(bench.user_id, project.id)
    assert told(bench) == ("own-model", None)
