from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from chatapp.errors import Invalid
from chatapp.models.failures import FailureCode
from chatapp.models.language_models import LanguageModel, ModelChoice
from chatapp.providers.catalog import OPENAI_CONTEXT_TOKENS, USUAL_CONTEXT_TOKENS, ModelCatalog
from chatapp.providers.errors import ProviderError
from config.settings import load_settings


class Provider:
    """Lists ``models``, or fails while it has none."""

    def __init__(self, *models: LanguageModel) -> None:
        self.models = models
        self.asked = 0
        self.answered = threading.Event()

    def __call__(self) -> tuple[LanguageModel, ...]:
        self.asked += 1
        time.sleep(0.02)
        self.answered.set()
        if not self.models:
            raise ProviderError(FailureCode.UNREACHABLE)
        return self.models


SMALL, LARGE = LanguageModel("small", 8192), LanguageModel("large")


def catalog(provider: Provider, **environment: str) -> ModelCatalog:
    environment.setdefault("OPENAI_BASE_URL", "http://provider.invalid/v1")
    return ModelCatalog(load_settings({"SECRET_KEY": "x" * 32, **environment}), provider)


Later = Callable[[float], None]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Lets seconds pass."""
    now = time.monotonic
    return lambda seconds: monkeypatch.setattr("chatapp.providers.catalog.time.monotonic", lambda: now() + seconds)


def test_the_providers_models_may_be_chosen_and_the_first_is_the_default() -> None:
    assert catalog(Provider(SMALL, LARGE)).choice() == ModelChoice((SMALL, LARGE), "small")


def test_the_settings_models_go_before_the_providers() -> None:
    models = catalog(Provider(SMALL, LARGE), CHATAPP_MODELS="large, other, small")

    assert models.choice() == ModelChoice((LARGE, LanguageModel("other"), SMALL), "large")


def test_the_first_who_needs_the_default_asks_for_it() -> None:
    provider = Provider(SMALL)
    models = catalog(provider)

    assert [models.default(), models.default()] == ["small", "small"]
    assert provider.asked == 1


def test_a_default_that_the_settings_name_is_known_without_asking() -> None:
    provider = Provider(SMALL)

    assert catalog(provider, CHATAPP_MODELS="mine,other").default() == "mine"
    assert provider.asked == 0


def test_the_provider_is_asked_once_a_minute_at_the_most() -> None:
    provider = Provider(SMALL)
    models = catalog(provider)

    for _ in range(5):
        models.choice()

    assert provider.asked == 1


def test_an_old_list_is_given_at_once_and_renewed_in_the_background(later: Later) -> None:
    provider = Provider(SMALL)
    models = catalog(provider)
    models.choice()
    provider.models = (LARGE,)
    provider.answered.clear()
    later(61)

    assert models.default() == "small"
    assert provider.answered.wait(30)
    models.refresh()  # waits for the one in the background
    assert models.default() == "large"


def test_while_the_provider_is_away_the_last_list_stays(later: Later) -> None:
    provider = Provider(SMALL)
    models = catalog(provider)
    models.choice()
    provider.models = ()
    later(61)

    models.refresh()

    assert provider.asked == 2
    assert models.default() == "small"


def test_a_provider_that_was_never_there_leaves_an_empty_list_and_is_not_asked_at_every_call() -> None:
    provider = Provider()
    models = catalog(provider)

    for _ in range(5):
        assert models.choice() == ModelChoice((), None)

    assert provider.asked == 1


def test_a_provider_that_comes_is_noticed(later: Later) -> None:
    provider = Provider()
    models = catalog(provider)
    models.choice()
    provider.models = (SMALL,)
    later(6)

    assert models.default() == "small"


def test_many_who_ask_at_once_wait_for_one_answer() -> None:
    provider = Provider(SMALL)
    models = catalog(provider)
    threads = [threading.Thread(target=models.choice) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert provider.asked == 1


def test_a_model_that_is_not_listed_is_refused_by_its_field() -> None:
    models = catalog(Provider(SMALL))

    models.check("small")
    with pytest.raises(Invalid) as caught:
        models.check("large")
    assert list(caught.value.fields) == ["model"]


def test_every_model_passes_while_nobody_knows_them() -> None:
    catalog(Provider()).check("anything")


def test_the_window_is_the_settings_else_the_providers_else_a_usual_one() -> None:
    assert catalog(Provider(SMALL), CHATAPP_CONTEXT_TOKENS="4096").context_tokens("small") == 4096
    assert catalog(Provider(SMALL)).context_tokens("small") == 8192
    assert catalog(Provider(LARGE)).context_tokens("large") == USUAL_CONTEXT_TOKENS
    assert catalog(Provider(), OPENAI_BASE_URL="").context_tokens("gpt-x") == OPENAI_CONTEXT_TOKENS
