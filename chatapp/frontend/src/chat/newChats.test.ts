import { expect, test, vi } from "vitest";
import type { Unsent } from "./outbox";
import { json, newTurns, setUpTurns } from "./turns.fixture";

const alice = setUpTurns();

/** Another tab stores this message in the outbox that both share. */
const storeInAnotherTab = (unsent: Unsent): void => {
  const key = `chatapp:outbox:alice:${unsent.id}`;
  dispatchEvent(new StorageEvent("storage", { key, newValue: JSON.stringify(unsent) }));
};

test("a tab opens the conversation that another tab started with its message, and no other", async () => {
  const { delivery, state } = alice.turns;
  alice.server.answers.start = () => json({}, 503);
  delivery.send(null, "Hello");
  await vi.advanceTimersByTimeAsync(100);
  const [own] = state.outbox.store.get();
  storeInAnotherTab({ ...own!, id: "other" });
  storeInAnotherTab({ ...own!, id: "other", conversationId: "d" });
  expect(delivery.newChats.started.get()).toBeNull();
  storeInAnotherTab({ ...own!, conversationId: "c" });
  expect(delivery.newChats.started.get()).toBe("c");
});

test("a message that waits in a conversation does not open it after a reload", () => {
  const unsent: Unsent = { id: "1", conversationId: "c", content: "Hello", createdAt: "", model: null, editOf: null, state: "waiting", refusal: null };
  localStorage.setItem("chatapp:outbox:alice:1", JSON.stringify(unsent));
  const reloaded = newTurns(alice.queries);
  reloaded.state.outbox.change("1", { state: "sending" });
  expect(reloaded.delivery.newChats.started.get()).toBeNull();
  reloaded.end();
});

test("a reloaded tab opens the conversation that its waiting message started", () => {
  const unsent: Unsent = { id: "1", conversationId: "new", content: "Hello", createdAt: "", model: null, editOf: null, state: "waiting", refusal: null };
  localStorage.setItem("chatapp:outbox:alice:1", JSON.stringify(unsent));
  const reloaded = newTurns(alice.queries);
  storeInAnotherTab({ ...unsent, conversationId: "c" });
  expect(reloaded.delivery.newChats.started.get()).toBe("c");
  reloaded.end();
});
