import { expect, test } from "vitest";
import { keys } from "../api/keys";
import { message, setUpTurns, shownMessages } from "./turns.fixture";

const alice = setUpTurns();
const question = message("q", { role: "user", content: "Why?", status: "complete" });
const header = (): unknown => alice.queries.getQueryData(keys.conversation("c"));

test("the header of a conversation and the news follow a turn from its start to its end", () => {
  const { state } = alice.turns;
  const [answer, whole] = [message("a", { parentId: "q", content: "S" }), message("a", { parentId: "q", content: "So.", status: "complete" })];
  alice.queries.setQueryData(keys.conversation("c"), { id: "c", title: "", generation: null, activeMessageId: null });
  state.apply("c", { type: "start", userMessage: question, assistantMessage: answer });
  expect(header()).toMatchObject({ generation: { messageId: "a" }, activeMessageId: "a" });
  expect(state.news.get()).toBe(answer);
  expect(state.answers.get("c")?.text).toBe("S");
  expect(shownMessages(alice.queries)).toEqual([question, answer]);
  expect(alice.server.requests).toContain("c"); // its place in the list may be another
  state.apply("c", { type: "title", title: "Reasons" });
  state.apply("c", { type: "end", assistantMessage: whole });
  expect(header()).toMatchObject({ generation: null, activeMessageId: "a", title: "Reasons" });
  expect(state.news.get()).toBe(whole);
  expect(state.answers.get("c")).toBeUndefined();
  expect(shownMessages(alice.queries)).toEqual([question, whole]);
});

test("a message that is sent again and joins an answer that is followed already leaves its text, and is no longer unsent", () => {
  const { state } = alice.turns;
  state.outbox.add({ id: "q", conversationId: "c", content: "Why?", createdAt: "", model: null, editOf: null, state: "sending", refusal: null });
  state.answers.begin("c", "a", "So");
  state.apply("c", { type: "start", userMessage: question, assistantMessage: message("a") });
  expect(state.answers.get("c")?.text).toBe("So");
  expect(state.outbox.store.get()).toEqual([]);
});
