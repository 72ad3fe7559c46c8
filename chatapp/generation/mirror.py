"""Follows answers that other workers write, for the listeners of this one.

One query every ``POLL_EVERY`` seconds covers all of them, however many there are and however many listeners.
"""

import logging
import time
from dataclasses import dataclass

import gevent
from pymongo.errors import PyMongoError

from chatapp.errors import ChatAppError
from chatapp.generation.finish import Finisher
from chatapp.generation.text import AnswerText
from chatapp.models.chat_models import Message
from chatapp.repositories.generation_repository import GenerationRepository, Unfinished

log = logging.getLogger(__name__)

POLL_EVERY = 0.1

_QUIET = 1.0
"""Seconds without new text after which the conversation is asked whether the answer has ended."""


@dataclass(slots=True)
class _Followed:
    answer: Message
    text: AnswerText
    quiet_since: float


class Mirror:
    """Follows the small documents of answers that run on other workers."""

    def __init__(self, generations: GenerationRepository, finisher: Finisher) -> None:
        self._generations = generations
        self._finisher = finisher
        self._texts: dict[str, _Followed] = {}
        self._looping = False
        self._closed = False

    def text_of(self, answer: Message) -> AnswerText:
        """The text of an answer that another worker writes, shared by all listeners of this one."""
        known = self._texts.get(answer.id)
        if known is not None:
            return known.text
        text = AnswerText()
        if self._closed:
            text.close()
            return text
        self._texts[answer.id] = _Followed(answer, text, time.monotonic())
        if not self._looping:
            self._looping = True
            gevent.spawn(self._loop)
        return text

    def close(self) -> None:
        """Releases all listeners, present and future."""
        self._closed = True
        for followed in self._texts.values():
            followed.text.close()

    def _loop(self) -> None:
        try:
            while self._texts:
                try:
                    self._poll()
                except (PyMongoError, ChatAppError) as error:
                    log.warning("answers of other workers could not be read: %s", type(error).__name__)
                except Exception:
                    log.exception("answers of other workers could not be read")
                gevent.sleep(POLL_EVERY)
        finally:
            self._looping = False

    def _poll(self) -> None:
        tails = self._generations.tails((one.answer.user_id, id_) for id_, one in self._texts.items())
        now = time.monotonic()
        for followed in list(self._texts.values()):
            tail = tails.get(followed.answer.id)
            if tail is not None and self._has_grown(followed, tail):
                followed.quiet_since = now
            elif tail is None or now - followed.quiet_since >= _QUIET:
                followed.quiet_since = now
                self._end_if_ended(followed.answer, followed.text)

    def _has_grown(self, followed: _Followed, tail: Unfinished) -> bool:
        answer, text = followed.answer, followed.text
        before = text.length + text.reasoning.length
        if not _extend(text, tail):
            whole = self._generations.read(answer.user_id, answer.id)
            if whole is not None:
                _extend(text, whole)
        return text.length + text.reasoning.length > before

    def _end_if_ended(self, answer: Message, text: AnswerText) -> None:
        """Called when there is no new text: the answer has ended, or its next flush is still to come."""
        ended = self._finisher.stored_end(answer)
        if ended is not None:
            del self._texts[answer.id]
            text.end(ended)


def _extend(text: AnswerText, stored: Unfinished) -> bool:
    """``False`` if what is stored begins beyond the known text, so that something in between is missing."""
    for growing, chunks in ((text.reasoning, stored.reasoning), (text, stored.chunks)):
        for chunk in chunks:
            if chunk.at > growing.length:
                return False
            growing.show_stored(chunk.at, chunk.text)
    return True
