"""Learns from a provider's refusals which parameters to leave out of a request, or to write differently."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import Enum, auto

from chatapp.models.failures import FailureCode
from chatapp.providers.chat import ChatRequest, PromptMessage
from chatapp.providers.errors import ProviderError

_OTHER_REASONS = (401, 402, 403, 408, 413, 429, 502, 503, 504)

_ABOUT_A_VALUE = re.compile(
    r"too (large|high|small|low|big|long)|(less|greater) than|at (most|least)|maximum|minimum|range|between|exceed"
    r"|[<>]=? \d"
)
"""The provider takes the parameter, but not this value. The user should know, so it is not left out silently."""

_NO_SYSTEM_ROLE = re.compile(
    r"system (role|message|prompt|instruction)|roles? .{0,3}system|'system'|developer instruction"
    r"|(unexpected|invalid|unknown|unsupported) (message )?role|only user|roles must alternate"
    r"|messages\W+0\W+role|input should be 'user'"
)
_NO_STREAM = re.compile(r"\bstream(ing)?\b.{0,40}(unsupported|not? support|not allowed|only the default)|no streaming")
_ECHO = re.compile(r"['\"]input['\"]\s*:|expected one of")
"""After these words, servers repeat the request, or list the parameters that they do take."""


class Lesson(Enum):
    """Something that a provider does not take for a model."""

    STREAM_OPTIONS = auto()
    STREAM = auto()
    """The whole answer comes at once instead."""
    MAX_TOKENS = auto()
    """``max_completion_tokens``, its newer name, is tried instead."""
    ANY_LIMIT = auto()
    TEMPERATURE = auto()
    TOP_P = auto()
    SYSTEM_ROLE = auto()


class Refusals:
    """What was learned about each model. Each worker has one."""

    def __init__(self) -> None:
        self._learned: dict[str, frozenset[Lesson]] = {}

    def attempt(self, request: ChatRequest) -> Attempt:
        """A request, written as the provider takes it as far as is known."""
        return Attempt(self, request, self._learned.get(request.model, frozenset()))

    def remember(self, model: str, lessons: frozenset[Lesson]) -> None:
        """Keeps the lessons with which the provider took a request."""
        self._learned[model] = lessons


class Attempt:
    """One request, sent again after each lesson. It ends: no lesson is learned twice, and there are only a few."""

    def __init__(self, refusals: Refusals, request: ChatRequest, lessons: frozenset[Lesson]) -> None:
        self._refusals = refusals
        self._request = request
        self._lessons = lessons

    def body(self) -> dict[str, object]:
        """The JSON of a request for a streamed answer."""
        request, lessons = self._request, self._lessons
        folded = Lesson.SYSTEM_ROLE in lessons
        messages = _without_system_role(request.messages) if folded else request.messages
        is_stream = Lesson.STREAM not in lessons
        body: dict[str, object] = {**request.extra, "model": request.model, "messages": messages, "stream": is_stream}
        if is_stream and Lesson.STREAM_OPTIONS not in lessons:
            body["stream_options"] = {"include_usage": True}
        if request.temperature is not None and Lesson.TEMPERATURE not in lessons:
            body["temperature"] = request.temperature
        if request.top_p is not None and Lesson.TOP_P not in lessons:
            body["top_p"] = request.top_p
        if request.max_tokens is not None and Lesson.ANY_LIMIT not in lessons:
            body[self._limit_name] = request.max_tokens
        return body

    def learn(self, error: ProviderError) -> bool:
        """Whether the refusal taught something new, so that sending the request again may help."""
        complaint = error.complaint
        if complaint is None or complaint.status in _OTHER_REASONS or error.code is FailureCode.CONTEXT_TOO_LONG:
            return False
        words = _ECHO.split(complaint.words, maxsplit=1)[0]
        lesson = next((lesson for lesson in self._lessons_in(words) if lesson not in self._lessons), None)
        if lesson is None:
            return False
        self._lessons |= {lesson}
        return True

    def succeeded(self) -> None:
        """The provider took the request, so the lessons are right and are remembered."""
        self._refusals.remember(self._request.model, self._lessons)

    def _lessons_in(self, words: str) -> Iterator[Lesson]:
        request = self._request
        if "stream_options" in words or "include_usage" in words:
            yield Lesson.STREAM_OPTIONS
        elif _NO_STREAM.search(words):
            yield Lesson.STREAM
        if any(message["role"] == "system" for message in request.messages) and _NO_SYSTEM_ROLE.search(words):
            yield Lesson.SYSTEM_ROLE
        if _ABOUT_A_VALUE.search(words):
            return
        if request.max_tokens is not None and ("max_tokens" in words or "max_completion_tokens" in words):
            yield Lesson.ANY_LIMIT if Lesson.MAX_TOKENS in self._lessons else Lesson.MAX_TOKENS
        if request.top_p is not None and "top_p" in words:  # first: some take either, and the temperature is known more
            yield Lesson.TOP_P
        if request.temperature is not None and "temperature" in words:
            yield Lesson.TEMPERATURE

    @property
    def _limit_name(self) -> str:
        return "max_completion_tokens" if Lesson.MAX_TOKENS in self._lessons else "max_tokens"


def _without_system_role(messages: Sequence[PromptMessage]) -> list[PromptMessage]:
    """Puts the system prompt at the beginning of the first question instead."""
    system = "\n\n".join(message["content"] for message in messages if message["role"] == "system")
    others = [message for message in messages if message["role"] != "system"]
    first = next((number for number, message in enumerate(others) if message["role"] == "user"), None)
    if first is None:
        return [{"role": "user", "content": system}, *others]
    question: PromptMessage = {"role": "user", "content": f"{system}\n\n{others[first]['content']}"}
    return [*others[:first], question, *others[first + 1 :]]
