"""Somebody who edits, branches, continues, forks, chooses, deletes and restores until the server dies."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from http.client import HTTPException

from tests.support.chat_client import Chat, Json, Person, Reply, new_id
from tests.support.fake_models import CUT_OFF, NORMAL, QUICK

MODELS = (QUICK, QUICK, CUT_OFF, NORMAL)
FIRST_CONVERSATIONS = 5
MOST_CONVERSATIONS = 30
REFUSED = {409, 429}
"""An answer is still being ended, the conversation is in the trash, or this minute's writes are used up."""


@dataclass
class Shaped:
    """A conversation, and what was told of it. ``None``: what was asked for last was not acknowledged."""

    chat: Chat
    told: dict[str, Json] = field(default_factory=dict)
    active: str | None = None
    in_trash: bool | None = False

    @property
    def path(self) -> str:
        return f"/api/conversations/{self.chat.conversation_id}"

    def check(self) -> None:
        """That all that was told is there."""
        header = self.chat.header()
        is_in_trash = header["trashedAt"] is not None
        assert self.in_trash in {None, is_in_trash}, "put into the trash or taken out of it"
        self.in_trash = is_in_trash
        assert self.active in {None, header["activeMessageId"]}, "another branch is shown"
        tree = {one["id"]: one for one in self.chat.person.ask("GET", f"{self.path}/tree?limit=2000")["items"]}
        for message in self.told.values():
            twig = tree[message["id"]]
            assert twig["excerpt"] == message["content"][:80], "another text"
            assert all(twig[name] == message[name] for name in ("parentId", "role", "status")), "another place"


class Shaper:
    """A person, and their conversations. ``done`` counts what was acknowledged."""

    def __init__(self, person: Person, chance: random.Random) -> None:
        self._person = person
        self._chance = chance
        self._shaped = [Shaped(person.start(model=QUICK)) for _ in range(FIRST_CONVERSATIONS)]
        self._forking: tuple[Shaped, Json] | None = None
        self.done = 0

    def shape(self) -> None:
        """One thing after another, until nobody answers."""
        actions = (self._say, self._say, self._edit, self._answer_again, self._choose, self._fork, self._trash)
        try:
            while True:
                time.sleep(self._chance.uniform(0, 0.03))
                one = self._chance.choice(self._shaped)
                (self._trash if one.in_trash else self._chance.choice(actions))(one)
        except (OSError, HTTPException):
            return

    def check(self) -> None:
        """After a start. A fork that was not acknowledged is made by the same call, once."""
        if self._forking is not None:
            self._make_fork(*self._forking)
        for one in self._shaped:
            one.check()

    def _say(self, one: Shaped) -> None:
        """After any message."""
        parent = {"parentId": self._message(one)["id"]} if one.told else {}
        one.active = None
        self._take(one, one.chat.say(new_id(), id=new_id(), model=self._chance.choice(MODELS), **parent))

    def _edit(self, one: Shaped) -> None:
        """A question or an answer, by hand."""
        if one.told:
            original = self._message(one)
            body = {"id": new_id(), "editOf": original["id"], "role": original["role"], "content": new_id()}
            one.active = None
            self._take(one, self._person.call("POST", f"{one.path}/messages", body))

    def _answer_again(self, one: Shaped) -> None:
        """Another answer, or the rest of one that was cut off."""
        answers = [message for message in one.told.values() if message["role"] == "assistant"]
        if answers:
            answer = self._chance.choice(answers)
            how = "continue" if answer.get("finishReason") == "length" else "regenerate"
            one.active = None
            reply = self._person.call("POST", f"/api/chat/{one.chat.session_id}/{how}", {"messageId": answer["id"]})
            if self._take(one, reply) and how == "continue":
                assert reply.answer["content"].startswith(answer["content"])

    def _choose(self, one: Shaped) -> None:
        if one.told:
            one.active = None
            reply = self._person.call("PATCH", one.path, {"activeMessageId": self._message(one)["id"]})
            if self._is_done(reply):
                one.active = reply.body["activeMessageId"]

    def _fork(self, one: Shaped) -> None:
        if one.told and len(self._shaped) < MOST_CONVERSATIONS:
            self._make_fork(one, {"messageId": self._message(one)["id"], "idempotencyKey": new_id()})

    def _make_fork(self, one: Shaped, body: Json) -> None:
        self._forking = one, body
        made = self._person.call("POST", f"{one.path}/fork", body)
        if self._is_done(made):
            copy = Shaped(self._person.start(conversationId=made.body["id"]))
            copy.told = {message["id"]: message for message in copy.chat.history()}
            copy.active = list(copy.told)[-1]
            assert copy.told[copy.active]["content"] == one.told[body["messageId"]]["content"]
            self._shaped.append(copy)
        self._forking = None

    def _trash(self, one: Shaped) -> None:
        """Puts it there, or takes it out again."""
        was, one.in_trash = one.in_trash, None
        if self._is_done(self._person.call(*("POST", f"{one.path}/restore") if was else ("DELETE", one.path))):
            one.in_trash = not was

    def _take(self, one: Shaped, reply: Reply) -> bool:
        """Notes the messages of a reply. False where it was rightly refused."""
        if not self._is_done(reply):
            return False
        said = [reply.body[name] for name in ("userMessage", "assistantMessage") if reply.body.get(name)]
        for message in said or [reply.body]:
            one.told[message["id"]] = message
            one.active = message["id"]
        return True

    def _is_done(self, reply: Reply) -> bool:
        if reply.status in REFUSED:
            return False
        assert reply.status in {200, 201, 204}, reply.body
        self.done += 1
        return True

    def _message(self, one: Shaped) -> Json:
        return self._chance.choice(list(one.told.values()))
