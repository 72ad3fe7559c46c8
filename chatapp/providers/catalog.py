"""Which language models may be chosen, and how much each can read."""

import logging
import threading
import time
from collections.abc import Callable, Mapping

from chatapp.errors import UnknownModel
from chatapp.models.language_models import LanguageModel, ModelChoice
from chatapp.providers.errors import ProviderError
from chatapp.providers.models import PREFILL
from config.settings import Settings

log = logging.getLogger(__name__)

FRESH_SECONDS = 60.0
RETRY_SECONDS = 5.0

OPENAI_CONTEXT_TOKENS = 128_000
USUAL_CONTEXT_TOKENS = 32_768
"""The context window that is assumed where neither the settings nor the provider name one. Most models have a larger
one; where it is smaller, the provider refuses what is too long and is asked again with less."""

Fetch = Callable[[], tuple[LanguageModel, ...]]


class ModelCatalog:
    """Knows the language models: those of the settings, or else those that the provider lists.

    The provider's list is fetched at the first need, looked up again in the background once a minute, and kept while
    the provider is away.
    """

    def __init__(self, settings: Settings, fetch: Fetch) -> None:
        self._settings = settings
        self._fetch = fetch
        self._listed: dict[str, LanguageModel] | None = None
        self._tried_at: float | None = None
        self._lock = threading.Lock()

    def choice(self) -> ModelChoice:
        """The models that may be chosen. Empty while the provider was never reached and the settings name none."""
        listed = self._current()
        names = self._names()
        items = tuple(LanguageModel(name, self._window(listed.get(name))) for name in names)
        return ModelChoice(items, names[0] if names else None)

    def default(self) -> str | None:
        """The model for conversations that name none; ``None`` while no model is known.

        The first call may wait some seconds for the provider to list its models.
        """
        names = self._names()
        return names[0] if names else None

    def check(self, model: str) -> None:
        """Checks that a model can be chosen. While no models are known, any can.

        Raises:
            UnknownModel: there is no such model.
        """
        names = self._names()
        if names and model not in names:
            raise UnknownModel

    def context_tokens(self, model: str) -> int:
        """The context window of a model, in tokens."""
        said = self._settings.context_tokens or self._window(self._current().get(model))
        if said is not None:
            return said
        return USUAL_CONTEXT_TOKENS if self._settings.openai_base_url else OPENAI_CONTEXT_TOKENS

    def prefill(self, model: str) -> Mapping[str, object] | None:
        """The parameters with which a model continues an answer that the prompt ends with; ``None`` if it cannot."""
        known = self._current().get(model)
        return PREFILL.get(known.server) if known is not None else None

    def refresh(self) -> None:
        """Asks the provider, unless somebody else has just done so."""
        with self._lock:
            if not self._is_due():
                return
            try:
                self._listed = {model.id: model for model in self._fetch()}
            except ProviderError as error:
                log.warning("the provider's models are not known: %s", error.code)
            self._tried_at = time.monotonic()

    def _current(self) -> dict[str, LanguageModel]:
        known = self._listed
        if self._is_due():
            if known is None:
                self.refresh()
                return self._listed or {}
            if not self._lock.locked():
                threading.Thread(target=self.refresh, name="models", daemon=True).start()
        return known or {}

    def _names(self) -> tuple[str, ...]:
        return self._settings.models or tuple(self._current())

    def _is_due(self) -> bool:
        wait = RETRY_SECONDS if self._listed is None else FRESH_SECONDS
        return self._tried_at is None or time.monotonic() - self._tried_at >= wait

    def _window(self, model: LanguageModel | None) -> int | None:
        return self._settings.context_tokens or (model.context_tokens if model else None)
