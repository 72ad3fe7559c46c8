"""Builds the parts of the application, once for each worker."""

import logging
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app
from pymongo import timeout
from pymongo.database import Database

from chatapp.background import BackgroundWork
from chatapp.clock import utc_now
from chatapp.database.client import connect
from chatapp.database.diagnosis import why_not_writable
from chatapp.database.migrations import SCHEMA_VERSION, upgrade
from chatapp.database.server_time import follow_server_time
from chatapp.generation.context import ModelContext
from chatapp.generation.engine import GenerationEngine
from chatapp.generation.naming import Titles
from chatapp.generation.prompt import Prompts
from chatapp.generation.reserve import Reservations
from chatapp.generation.turn import Reserved
from chatapp.maintenance.backup import back_up_to
from chatapp.maintenance.indexing import index_what_is_new
from chatapp.metrics import WorkerMetrics
from chatapp.models.chat_models import Message
from chatapp.providers.catalog import ModelCatalog
from chatapp.providers.models import list_models
from chatapp.providers.openai_provider import ModelProvider
from chatapp.providers.server_tokenizer import ServerTokenizer
from chatapp.providers.tokens import TokenCounter
from chatapp.repositories.attempt_repository import AttemptRepository
from chatapp.repositories.change_repository import ChangeRepository
from chatapp.repositories.chat_session_repository import ChatSessionRepository
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.generation_repository import GenerationRepository
from chatapp.repositories.message_marks import MessageMarks
from chatapp.repositories.project_repository import ProjectRepository
from chatapp.repositories.retention import Retention
from chatapp.repositories.search_filters import SearchFilters
from chatapp.repositories.search_fresh import FreshRepository
from chatapp.repositories.search_repository import SearchRepository
from chatapp.repositories.search_shown import ShownRepository
from chatapp.repositories.sign_in_repository import SignInRepository
from chatapp.repositories.tag_repository import TagRepository
from chatapp.repositories.user_repository import UserRepository
from chatapp.services.account_service import AccountService
from chatapp.services.attempt_service import AttemptService
from chatapp.services.batch_service import BatchService
from chatapp.services.chat_service import ChatService
from chatapp.services.conversation_service import ConversationService
from chatapp.services.feed import Feed
from chatapp.services.message_service import MessageService
from chatapp.services.passwords import Passwords
from chatapp.services.project_service import ProjectService
from chatapp.services.search_service import SearchService
from chatapp.services.tag_service import TagService
from chatapp.services.user_limits import UserLimits
from config.settings import Settings

log = logging.getLogger(__name__)

_READY_SECONDS = 2.0
"""How long MongoDB may take to answer before it counts as away."""


@dataclass(slots=True)
class Container:
    """The parts of one worker.

    ``schema_is_current`` is False until the database has been brought up to date after the worker's start.
    """

    settings: Settings
    database: Database[dict[str, Any]]
    accounts: AccountService
    attempts: AttemptService
    limits: UserLimits
    conversations: ConversationService
    messages: MessageService
    projects: ProjectService
    tags: TagService
    batches: BatchService
    chat: ChatService
    models: ModelCatalog
    feed: Feed
    search: SearchService
    background: BackgroundWork
    metrics: WorkerMetrics
    schema_is_current: bool = True

    def upgrade_database(self) -> None:
        """Applies missing migrations, indexes and validators. Safe to repeat.

        Raises:
            DatabaseUnusable: the database was changed by a newer version, or MongoDB is a standalone server.
        """
        upgrade(self.database, before_migrating=self._back_up_before_migrating)
        self.schema_is_current = True

    def _back_up_before_migrating(self) -> None:
        """Makes a backup where a folder for backups is set.

        Raises:
            ArchiveError: that is not possible; the migration has to wait.
        """
        if self.settings.backup_dir is not None:
            name = f"before-schema-{SCHEMA_VERSION}-{utc_now():%Y%m%dT%H%M%SZ}.gz"
            path = self.settings.backup_dir / name
            log.warning("a backup is made before the database is migrated: %s", path)
            back_up_to(path, self.database, lambda *_: None)

    def why_not_ready(self) -> str | None:
        """Why requests cannot be answered at this moment, as a sentence; ``None`` if they can."""
        with timeout(_READY_SECONDS):
            reason = why_not_writable(self.database)
        if reason is None and not self.schema_is_current:
            return "The database is being brought up to date."
        return reason


def build_container(
    settings: Settings, database: Database[dict[str, Any]] | None = None, *, passwords: Passwords | None = None
) -> Container:
    """All parts, wired together. The client connects to MongoDB when it is first used.

    ``database`` replaces the one that the settings name, ``passwords`` the slow hashing, both for tests.
    """
    database = connect(settings) if database is None else database
    conversations = ConversationRepository(database, settings.user_quota)
    messages = MessageRepository(database, conversations.storage)
    generations = GenerationRepository(database)
    projects = ProjectRepository(database)
    provider = ModelProvider(settings)
    models = ModelCatalog(settings, lambda: list_models(provider.client))
    context = ModelContext(TokenCounter(ServerTokenizer(provider.client)), models)
    feed = Feed(ChangeRepository(database))
    engine = GenerationEngine(
        conversations,
        messages,
        generations,
        ask=Prompts(messages, context, provider, models).ask,
        name=Titles(conversations, provider).name if settings.titles_by_model else _keep_title,
        answer_timeout=settings.answer_timeout,
        limit=settings.answers_per_worker,
    )
    reservations = Reservations(conversations, messages, projects, answers_per_user=settings.answers_per_user)
    retention = Retention(database, settings.retention_days)
    conversation_service = ConversationService(conversations, messages, projects, models.check)
    message_service = MessageService(conversations, messages, generations, MessageMarks(database))
    return Container(
        settings=settings,
        database=database,
        accounts=AccountService(
            UserRepository(database),
            SignInRepository(database),
            passwords or Passwords(),
            registration_open=settings.registration_open,
        ),
        attempts=AttemptService(AttemptRepository(database), enabled=settings.rate_limits),
        limits=UserLimits(enabled=settings.rate_limits),
        conversations=conversation_service,
        messages=message_service,
        projects=ProjectService(projects, conversations, models.check),
        tags=TagService(TagRepository(database)),
        batches=BatchService(conversations, projects),
        chat=ChatService(
            ChatSessionRepository(database),
            conversations,
            conversation_service,
            message_service,
            reservations,
            engine,
            models,
        ),
        models=models,
        feed=feed,
        search=SearchService(
            SearchFilters(database), FreshRepository(database), SearchRepository(database), ShownRepository(database)
        ),
        background=BackgroundWork(
            engine,
            feed,
            (conversations.housekeeping, retention.run),
            lambda: follow_server_time(database),
            lambda: index_what_is_new(database),
        ),
        metrics=WorkerMetrics(),
    )


def _keep_title(_reserved: Reserved, _answer: Message) -> None:
    """The first words of the question stay the title."""


def container() -> Container:
    """The parts of the application that is handling the current request."""
    return cast(Container, current_app.extensions["chatapp"])
