"""A turn, from the message that is sent to the text that listeners follow."""

from dataclasses import dataclass

from chatapp.generation.text import AnswerText
from chatapp.models.chat_models import Message, Window


@dataclass(frozen=True, slots=True)
class AnotherAnswer:
    """An answer to be written beside the answer ``beside_id``. ``id`` and ``model``: as in ``NewMessage``.

    With ``goes_on`` it begins with the text of that answer and goes on where it was cut off.
    """

    beside_id: str
    id: str | None = None
    model: str | None = None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class Reserved:
    """A turn that is stored: the answer's place is taken, and nobody else writes in this conversation.

    ``window`` is the conversation as it was before. ``user_message`` is ``None`` for another answer to a stored
    message. ``title`` is the conversation's new title, if it got one. ``begins_with`` is the text of the answer that
    this one continues.
    """

    window: Window
    user_message: Message | None
    answer: Message
    title: str | None = None
    begins_with: str = ""


@dataclass(frozen=True, slots=True)
class SentBefore:
    """The turn that an earlier call with the same id began: its answer is stored, or being written.

    ``user_message`` is ``None`` for another answer, as in ``Reserved``.
    """

    user_message: Message | None
    answer: Message


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn that listeners can follow: what the ``start`` event says, and the growing text."""

    user_message: Message | None
    answer: Message
    text: AnswerText
    title: str | None = None
