"""People who edit, branch, continue, fork, order and delete, in any order, also while an answer is being written.

The machine keeps the trees that must come of it. After each step they are what the server shows, and the check of what
is stored finds nothing wrong.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from bson import ObjectId
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from pymongo.database import Database

from chatapp.maintenance.check import Check
from chatapp.maintenance.findings import findings_in
from chatapp.maintenance.stored import stored_conversations
from tests.support.chat_client import Json, Person, Reply, new_id
from tests.support.fake_models import CUT_OFF, ENDLESS, QUICK
from tests.support.kept import Kept, plain
from tests.support.long_conversations import store_conversation

LONG = 160
"""Messages that a conversation begins with: two pages and a window."""

PROJECTS = 2


@dataclass(frozen=True)
class Here:
    """A server, and its database, which nobody else uses."""

    base_url: str
    database: Database[dict[str, Any]]


class Shaping(RuleBasedStateMachine):
    """The rules."""

    here: ClassVar[Here]

    def __init__(self) -> None:
        super().__init__()
        self._kept: list[Kept] = []
        self._words = 0

    @initialize()
    def sign_up(self) -> None:
        self._alice = Person.register(self.here.base_url)
        empty = Kept(self._alice.start(model=QUICK))
        user_id = empty.chat.header()["userId"]
        long = Kept(
            self._alice.start(conversationId=store_conversation(self.here.database, user_id, LONG, model=QUICK))
        )
        for message in long.chat.history(limit=100):
            long.add(message)
        self._kept = [empty, long]
        self._projects = [self._new_project() for _ in range(PROJECTS)]

    which = st.integers(0, 20)
    place = st.one_of(st.floats(0, 1), st.sampled_from([1.0]))
    model = st.sampled_from([QUICK, CUT_OFF])

    @rule(which=which, place=st.one_of(place, st.none()), model=model)
    def say(self, which: int, place: float | None, model: str) -> None:
        """After any message, or after the one that is shown last."""
        kept = self._one(which)
        body: Json = {"model": model, "id": new_id()}
        if place is not None:
            body["parentId"] = self._message(kept, place).get("id")
        reply = kept.chat.say(self._text(), **body)
        if self._is_taken(kept, reply):
            assert plain(reply.question).get("parentId") == body.get("parentId", kept.active)
            self._add_turn(kept, reply)

    @rule(which=which)
    def begin(self, which: int) -> None:
        kept = self._one(which)
        if kept.busy is None and self._may_begin():
            with kept.chat.stream(self._text(), model=ENDLESS) as stream:
                started = stream.until_text(1).started
            assert started is not None
            kept.begin(started["userMessage"], started["assistantMessage"])

    @precondition(lambda self: any(kept.running for kept in self._kept))
    @rule()
    def stop(self) -> None:
        kept = next(kept for kept in self._kept if kept.running)
        stream = kept.chat.listen()
        assert stream is not None
        with stream:
            kept.chat.stop()
            answer = stream.rest().answer
        kept.end(answer)
        if "continues" in answer:
            assert answer["content"].startswith(kept.log[answer["continues"]]["content"])

    @rule(which=which, place=place, asks=st.booleans())
    def edit(self, which: int, place: float, asks: bool) -> None:
        """A question, with or without asking the model, or an answer."""
        kept = self._one(which)
        original = self._message(kept, place)
        if not original:
            return
        body = {"editOf": original["id"], "id": new_id()}
        if asks and original["role"] == "user":
            reply = kept.chat.say(self._text(), **body)
        else:
            body |= {"content": self._text(), "role": original["role"]}
            reply = self._alice.call("POST", f"{kept.path}/messages", body)
        if self._is_taken(kept, reply):
            edited = reply.body.get("userMessage", reply.body)
            assert (edited["editOf"], edited["parentId"]) == (original["id"], original["parentId"])
            self._add_turn(kept, reply)

    @rule(which=which, place=place, model=model)
    def try_again(self, which: int, place: float, model: str) -> None:
        kept, answer = self._answer(which, place)
        if answer:
            reply = self._alice.call(
                "POST", f"/api/chat/{kept.chat.session_id}/regenerate", {"messageId": answer["id"], "model": model}
            )
            if self._is_taken(kept, reply):
                assert reply.answer["parentId"] == answer["parentId"]
                kept.add(reply.answer)

    @rule(which=which, place=place)
    def go_on(self, which: int, place: float) -> None:
        kept, answer = self._answer(which, place)
        if not answer:
            return
        if kept.busy is None and answer["status"] == "stopped":
            if self._may_begin():
                with kept.chat.go_on(answer["id"]) as stream:
                    started = stream.until_text(len(answer["content"]) + 1).started
                assert started is not None
                kept.begin(None, started["assistantMessage"])
            return
        path = f"/api/chat/{kept.chat.session_id}/continue"
        reply = self._alice.call("POST", path, {"messageId": answer["id"]})
        if kept.busy is None and answer.get("finishReason") != "length":
            assert reply.body["faults"] == [{"field": "messageId", "reason": "not_cut_off"}]
        elif self._is_taken(kept, reply):
            assert (reply.answer["continues"], reply.answer["parentId"]) == (answer["id"], answer["parentId"])
            assert reply.answer["content"].startswith(answer["content"])
            kept.add(reply.answer)

    @rule(which=which, place=place)
    def choose(self, which: int, place: float) -> None:
        kept = self._one(which)
        message = self._message(kept, place)
        if message:
            reply = self._alice.call("PATCH", kept.path, {"activeMessageId": message["id"]})
            if self._is_taken(kept, reply, 200):
                kept.choose(message["id"])

    @rule(which=which, place=place)
    def fork(self, which: int, place: float) -> None:
        kept = self._one(which)
        message = self._message(kept, place)
        if message and len(self._kept) < 6:
            body = {"messageId": message["id"], "idempotencyKey": new_id()}
            made, again = (self._alice.ask("POST", f"{kept.path}/fork", body, expect=201) for _ in range(2))
            assert made == again
            forked = Kept(self._alice.start(conversationId=made["id"]), project=kept.project, tags=set(kept.tags))
            for copied in forked.chat.history(limit=100):
                forked.add(copied)
            said = [(one["role"], one["content"]) for one in kept.branch(message["id"])]
            assert [(one["role"], one["content"]) for one in forked.log.values()] == said
            self._kept.append(forked)

    @rule(which=which, project=st.integers(0, PROJECTS))
    def move(self, which: int, project: int) -> None:
        kept = self._one(which)
        to = [*self._projects, None][project]
        if self._is_done(kept, {"action": "move", "projectId": to}):
            kept.project = to

    @rule(project=st.integers(0, PROJECTS - 1))
    def delete_project(self, project: int) -> None:
        gone = self._projects[project]
        self._alice.ask("DELETE", f"/api/projects/{gone}", expect=204)
        self._projects[project] = self._new_project()
        for kept in self._kept:
            if kept.project == gone:
                kept.project = None

    @rule(which=which, tag=st.sampled_from("ab"), action=st.sampled_from(["tag", "untag"]))
    def tag(self, which: int, tag: str, action: str) -> None:
        kept = self._one(which)
        if self._is_done(kept, {"action": action, "tag": tag}):
            kept.tags = kept.tags | {tag} if action == "tag" else kept.tags - {tag}

    @rule(which=which)
    def trash(self, which: int) -> None:
        kept = self._one(which)
        self._alice.ask("DELETE", kept.path, expect=204)
        kept.in_trash = True

    @precondition(lambda self: any(kept.in_trash for kept in self._kept))
    @rule()
    def restore(self) -> None:
        kept = next(kept for kept in self._kept if kept.in_trash)
        self._alice.ask("POST", f"{kept.path}/restore")
        kept.in_trash = False

    @precondition(lambda self: len(self._kept) > 2)
    @rule(which=which)
    def delete_for_good(self, which: int) -> None:
        kept = self._one(which)
        self._kept.remove(kept)
        self._alice.ask("DELETE", f"{kept.path}?permanent=true", expect=204)
        assert self._alice.call("GET", kept.path).status == 404

    @invariant()
    def everything_is_as_it_was_shaped(self) -> None:
        for kept in self._kept:
            kept.check()
        listed = self._alice.ask("GET", "/api/conversations/?limit=100")["items"]
        assert {one["id"] for one in listed} == {one.chat.conversation_id for one in self._kept if not one.in_trash}

    @invariant()
    def every_tree_is_whole(self) -> None:
        for stored in stored_conversations(self.here.database):
            assert findings_in(stored) == []

    def teardown(self) -> None:
        while any(kept.running for kept in self._kept):
            self.stop()
        assert Check(self.here.database, print).run().found == 0

    def _one(self, which: int) -> Kept:
        kept = self._kept[which % len(self._kept)]
        found = self.here.database["conversations"].find_one({"_id": ObjectId(kept.chat.conversation_id)})
        kept.paged = (found or {})["pagedCount"]
        return kept

    def _message(self, kept: Kept, place: float) -> Json:
        """The message there in the log, most often one of the last; empty where there is none."""
        log = list(kept.log.values())
        return log[round(place**0.2 * (len(log) - 1))] if log else {}

    def _answer(self, which: int, place: float) -> tuple[Kept, Json]:
        kept = self._one(which)
        message = self._message(kept, place)
        return kept, message if message.get("role") == "assistant" and message["parentId"] is not None else {}

    def _may_begin(self) -> bool:
        return sum(kept.running is not None for kept in self._kept) < 2

    def _text(self) -> str:
        self._words += 1
        return f"text {self._words}"

    def _new_project(self) -> str:
        return str(self._alice.ask("POST", "/api/projects/", {"name": "Physics"}, expect=201)["id"])

    def _is_taken(self, kept: Kept, reply: Reply, expected: int = 201) -> bool:
        """False where it was rightly refused."""
        if kept.busy is None:
            assert reply.status == expected, reply.body
            return True
        assert (reply.status, reply.body["reason"]) == (409, kept.busy)
        return False

    def _is_done(self, kept: Kept, change: Json) -> bool:
        """Changes one conversation as one of many. False where it was rightly refused."""
        id_ = kept.chat.conversation_id
        result = self._alice.ask("POST", "/api/conversations/batch", {"ids": [id_], **change})
        refused = [{"id": id_, "reason": "conversation_in_trash"}] if kept.in_trash else []
        assert (result["done"], result["failed"]) == ([] if kept.in_trash else [id_], refused)
        return not kept.in_trash

    def _add_turn(self, kept: Kept, reply: Reply) -> None:
        """The message that was stored, and its answer, where the model was asked for one."""
        if "userMessage" in reply.body:
            kept.add(reply.question)
            kept.add(reply.answer)
        else:
            kept.add(reply.body)
