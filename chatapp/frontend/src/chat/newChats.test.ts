import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeQueries, fakeServer, json, turnsOf } from "./turns.fixture";
import type { Unsent } from "./outbox";
import type { Turns } from "./turns";

let server: ReturnType<typeof fakeServer>;
let turns: Turns;

/** Another tab stores this message in the outbox that both share. */
const storeInAnotherTab = (unsent: Unsent): void => {
  const key = `chatapp:outbox:alice:${unsent.id}`;
  dispatchEvent(new StorageEvent("storage", { key, newValue: JSON.stringify(unsent) }));
};

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  server = fakeServer();
});
afterEach(() => {
  turns.end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a tab opens the conversation that another tab started with its message, and no other", async () => {
  turns = turnsOf("alice", fakeQueries());
  server.answers.start = () => json({}, 503);
  turns.delivery.send(null, "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  const [own] = turns.state.outbox.store.get();
  storeInAnotherTab({ ...own!, id: "other" });
  storeInAnotherTab({ ...own!, id: "other", conversationId: "d" });
  expect(turns.delivery.newChats.started.get()).toBeNull();
  storeInAnotherTab({ ...own!, conversationId: "c" });
  expect(turns.delivery.newChats.started.get()).toBe("c");
});

test("a reloaded tab opens the conversation that its waiting message started", () => {
  const unsent: Unsent = { id: "1", conversationId: "new", content: "Hello", createdAt: "", model: null, state: "waiting", reason: null };
  localStorage.setItem("chatapp:outbox:alice:1", JSON.stringify(unsent));
  turns = turnsOf("alice", fakeQueries());
  storeInAnotherTab({ ...unsent, conversationId: "c" });
  expect(turns.delivery.newChats.started.get()).toBe("c");
});
