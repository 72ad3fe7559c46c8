"""Reserving a turn: one atomic update that stores the user's message and claims the answer's place."""

import random
import uuid
from dataclasses import replace

from chatapp.errors import Invalid, MessageIdTaken, MessageNotFound, NotInConversation, StoreUnavailable, TooManyAnswers
from chatapp.failpoints import reach
from chatapp.generation.title import title_from
from chatapp.generation.turn import AnotherAnswer, Reserved, SentBefore
from chatapp.models.chat_models import Message, MessageStatus, NewMessage, Role, Window, beside
from chatapp.models.reasons import FaultReason
from chatapp.repositories.appending import check_writable, pause_before, time_in
from chatapp.repositories.conversation_repository import ConversationRepository, MessageRepository
from chatapp.repositories.project_repository import ProjectRepository
from chatapp.repositories.turns import SlotTaken

_ATTEMPTS = 50
_RETRY_AFTER_TOO_MANY = 5


class Reservations:
    """Reserves turns. If an update matches nothing, reading the conversation again tells why, so no lock is needed."""

    def __init__(
        self,
        conversations: ConversationRepository,
        messages: MessageRepository,
        projects: ProjectRepository,
        *,
        answers_per_user: int,
    ) -> None:
        self._conversations = conversations
        self._messages = messages
        self._projects = projects
        self._answers_per_user = answers_per_user

    def for_message(
        self, user_id: str, conversation_id: str, new: NewMessage, default_model: str
    ) -> Reserved | SentBefore:
        """Stores the user's message and claims the place of its answer, in one step.

        ``default_model`` answers where the conversation and its project name no model.

        Raises:
            ConversationNotFound, NotOwner, ConversationInTrash: the conversation cannot be written to.
            TurnInProgress: an answer is being written there.
            StorageFull: there is no room for more.
            MessageIdTaken: the id was used for something else.
            TooManyAnswers: the user has as many answers running as are allowed.
            NotInConversation: the parent, or the message that was edited, is not in this conversation.
            Invalid: the edit changes nothing, or is of an answer.
        """
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            window = self._window(user_id, conversation_id)
            known = self._messages.sent_before(window, new)
            answers = self._messages.children(window, known.id) if known is not None else ()
            before = self._sent_before(window, known, answers) if known is not None else None
            if before is not None:
                return before
            check_writable(window)
            self._conversations.storage.check(user_id)
            question = known or self._messages.new_message(window, new)
            answer = _empty_answer(window, question, answers, new.model or window.conversation.model or default_model)
            reserved = self._reserve(window, question, answer, is_new=known is None)
            if reserved is not None:
                return reserved
        raise StoreUnavailable(retry_after=1)

    def for_another_answer(
        self, user_id: str, conversation_id: str, wanted: AnotherAnswer, default_model: str
    ) -> Reserved | SentBefore:
        """Claims a place beside an answer that is stored. Raises as ``for_message``.

        Raises:
            Invalid: there is no such answer, or it was not cut off and cannot be continued.
        """
        for attempt in range(_ATTEMPTS):
            pause_before(attempt)
            window = self._window(user_id, conversation_id)
            first = self._answer(window, wanted.beside_id)
            question = self._question_of(window, first)
            before = self._answered_before(window, question, wanted)
            if before is not None:
                return before
            check_writable(window)
            self._conversations.storage.check(user_id)
            if wanted.goes_on and not first.can_be_continued:
                raise Invalid.field("messageId", FaultReason.NOT_CUT_OFF, "This answer was not cut off.")
            model = (
                wanted.model or (first.model if wanted.goes_on else None) or window.conversation.model or default_model
            )
            answers = self._messages.children(window, question.id)
            answer = _empty_answer(window, question, answers, model, wanted.id)
            if wanted.goes_on:
                answer = replace(answer, continues=first.id)
            reserved = self._reserve(window, question, answer, is_new=False)
            if reserved is not None:
                text = first.content if wanted.goes_on else ""
                return replace(reserved, user_message=None, begins_with=text)
        raise StoreUnavailable(retry_after=1)

    def _window(self, user_id: str, conversation_id: str) -> Window:
        """The conversation; where it names no model or system prompt, with those of its project.

        A project is read in each turn, by its id: so changing it changes the next answer in all its conversations.
        """
        window = self._conversations.window(user_id, conversation_id)
        conversation = window.conversation
        if conversation.project_id is None or None not in (conversation.model, conversation.system_prompt):
            return window
        project = self._projects.find(user_id, conversation.project_id)
        if project is None:
            return window
        model = conversation.model or project.model
        prompt = project.system_prompt if conversation.system_prompt is None else conversation.system_prompt
        return replace(window, conversation=replace(conversation, model=model, system_prompt=prompt))

    def _reserve(self, window: Window, question: Message, answer: Message, *, is_new: bool) -> Reserved | None:
        """``None`` if the conversation has changed since it was read."""
        title = title_from(question.content) if not window.conversation.title else None
        reach("turn.before_begin")
        if not self._begin(window, question if is_new else None, answer, title):
            return None
        reach("turn.begun")
        return Reserved(window, question, answer, title)

    def _begin(self, window: Window, user_message: Message | None, answer: Message, title: str | None) -> bool:
        slot = random.randrange(self._answers_per_user)  # noqa: S311 - no secret
        for _ in range(_ATTEMPTS):
            try:
                return self._conversations.turns.begin(window, user_message, answer, slot, title=title)
            except SlotTaken:
                slot = self._free_slot(answer.user_id)
        raise TooManyAnswers(retry_after=_RETRY_AFTER_TOO_MANY)

    def _free_slot(self, user_id: str) -> int:
        taken = self._conversations.turns.taken_slots(user_id)
        free = [slot for slot in range(self._answers_per_user) if slot not in taken]
        if not free:
            raise TooManyAnswers(retry_after=_RETRY_AFTER_TOO_MANY)
        return random.choice(free)  # noqa: S311 - no secret

    def _sent_before(self, window: Window, known: Message, children: tuple[str, ...]) -> SentBefore | None:
        """``None`` for a message that was saved without asking the model, which is therefore answered now."""
        conversation = window.conversation
        running = conversation.generation
        for child_id in children:
            if running is not None and running.message_id == child_id:
                continue
            child, _ = self._messages.find(conversation.user_id, conversation.id, child_id, window)
            if child.role is Role.ASSISTANT:
                return SentBefore(known, child)
        if running is not None and running.parent_id == known.id:
            return SentBefore(known, running_answer(window))
        return None

    def _answered_before(self, window: Window, question: Message, wanted: AnotherAnswer) -> SentBefore | None:
        """The answer to ``question`` that an earlier call has asked for under this id.

        Raises:
            MessageIdTaken: the id was used for something else.
        """
        answer_id = wanted.id
        if answer_id is None:
            return None
        conversation = window.conversation
        running = conversation.generation
        try:
            if running is not None and running.message_id == answer_id:
                answer = running_answer(window)
            else:
                answer, _ = self._messages.find(conversation.user_id, conversation.id, answer_id, window)
        except MessageNotFound:
            return None
        continues = wanted.beside_id if wanted.goes_on else None
        if answer.role is not Role.ASSISTANT or answer.parent_id != question.id or answer.continues != continues:
            raise MessageIdTaken
        return SentBefore(None, answer)

    def _answer(self, window: Window, answer_id: str) -> Message:
        user_id, conversation_id = window.conversation.user_id, window.conversation.id
        try:
            answer, _ = self._messages.find(user_id, conversation_id, answer_id, window)
        except MessageNotFound:
            raise NotInConversation("messageId") from None
        if answer.role is not Role.ASSISTANT or answer.parent_id is None:
            raise Invalid.field("messageId", FaultReason.NOT_AN_ANSWER, "This message is not an answer.")
        return answer

    def _question_of(self, window: Window, answer: Message) -> Message:
        return self._messages.find(answer.user_id, answer.conversation_id, answer.parent_id or "", window)[0]


def running_answer(window: Window) -> Message:
    """The answer being written in a conversation that has one, as the ``start`` event shows it."""
    conversation, generation = window.conversation, window.conversation.generation
    if generation is None:
        raise ValueError("no answer is being written")
    answer = generation.answer(conversation.user_id, conversation.id)
    return replace(answer, sibling_ids=window.branches.get(generation.parent_id, ()))


def _empty_answer(
    window: Window, question: Message, siblings: tuple[str, ...], model: str, id_: str | None = None
) -> Message:
    id_ = id_ or str(uuid.uuid4())
    return Message(
        id=id_,
        user_id=question.user_id,
        conversation_id=question.conversation_id,
        parent_id=question.id,
        role=Role.ASSISTANT,
        content="",
        status=MessageStatus.STREAMING,
        created_at=max(time_in(window), question.created_at),
        model=model or None,
        sibling_ids=beside(siblings, id_),
    )
