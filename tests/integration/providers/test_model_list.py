from __future__ import annotations

import pytest

from chatapp.models.language_models import LanguageModel
from chatapp.providers.errors import ProviderError
from chatapp.providers.models import list_models
from chatapp.providers.openai_provider import ModelProvider
from tests.integration.providers.conftest import Make
from tests.support.provider import FakeProvider


@pytest.mark.parametrize(
    "entry",
    [
        {"max_model_len": 4096},
        {"context_length": 4096},
        {"context_window": 4096},
        {"max_context_length": 4096},
        {"meta": {"n_ctx": 4096, "n_ctx_train": 131_072}},
        {"meta": {"n_ctx_train": 4096}},
        {"context_length": None, "max_model_len": 4096},
    ],
)
def test_the_window_is_found_where_each_kind_of_server_says_it(
    provider: FakeProvider, model_provider: ModelProvider, entry: dict[str, object]
) -> None:
    provider.control(models=[{"id": "one", **entry}])

    assert list_models(model_provider.client) == (LanguageModel("one", 4096),)


def test_what_llama_cpp_was_given_counts_more_than_what_the_model_was_made_for(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    provider.control(models=[{"id": "one", "meta": {"n_ctx_train": 131_072}}], props={"n_ctx": 4096})

    assert list_models(model_provider.client) == (LanguageModel("one", 4096),)


def test_models_for_something_else_than_chat_are_left_out(
    provider: FakeProvider, model_provider: ModelProvider
) -> None:
    names = ["text-embedding-3-small", "gpt-5", "whisper-1", "dall-e-3", "tts-1", "omni-moderation-latest", "o4-mini"]
    provider.control(models=[{"id": name} for name in names])

    assert [model.id for model in list_models(model_provider.client)] == ["gpt-5", "o4-mini"]


def test_entries_that_are_no_models_are_passed_over(provider: FakeProvider, model_provider: ModelProvider) -> None:
    provider.control(models=[7, {}, {"id": 7}, {"id": "one", "context_length": "many"}])

    assert list_models(model_provider.client) == (LanguageModel("one"),)


def test_a_server_that_lists_nothing_readable_is_an_error(provider: FakeProvider, make_provider: Make) -> None:
    provider.control(models="none")
    with pytest.raises(ProviderError) as caught:
        list_models(make_provider(provider.base_url).client)
    assert caught.value.code == "malformed_answer"

    provider.control(down=True)
    with pytest.raises(ProviderError) as caught:
        list_models(make_provider(provider.base_url).client)
    assert caught.value.code == "connection_lost"
