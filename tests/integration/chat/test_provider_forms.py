"""What providers send in the field, as it is told to a person and stored."""

from __future__ import annotations

import pytest

from tests.support.chat_client import Person
from tests.support.provider import FakeProvider
from tests.support.provider_cases import STREAMS, Stream

ASKED_AT_MOST = 4
"""How often one turn is put to a provider that says each time that the prompt is too long, and a bit more."""


@pytest.mark.parametrize("stream", STREAMS, ids=str)
def test_a_stream_from_the_field_is_stored_as_what_it_means(
    alice: Person, provider: FakeProvider, stream: Stream
) -> None:
    provider.reset()
    provider.behave(*[f"case:name={stream.name}:size=60"] * ASKED_AT_MOST)
    chat = alice.start(model="echo")

    told = chat.say("Hi").answer

    provider.reset()
    assert told == chat.history()[-1]
    assert told["content"] == stream.text
    if stream.failure is None:
        assert (told["status"], told.get("finishReason")) == ("complete", stream.reason)
        assert told.get("usage") == (
            {"promptTokens": stream.usage.prompt_tokens, "completionTokens": stream.usage.completion_tokens}
            if stream.usage
            else None
        )
    else:
        assert told["status"] == ("interrupted" if stream.text else "error")
        assert told["error"] == {"code": stream.failure, "message": stream.failure.sentence}
    assert chat.say("And now?").answer["content"].endswith("And now?")


def test_reasoning_that_used_up_the_length_and_a_wanted_tool_are_said(alice: Person, provider: FakeProvider) -> None:
    provider.reset()
    provider.behave("case:name=length_empty", "case:name=tool_calls")

    assert "reasoning" in alice.start(model="echo").say("Hi").answer["error"]["message"]
    assert "tool" in alice.start(model="echo").say("Hi").answer["error"]["message"]
