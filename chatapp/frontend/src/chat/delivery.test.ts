import type { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { refreshMessages } from "../api/queries";
import { fakeQueries, fakeServer, json, message, page, shownMessages, turnsOf } from "./turns.fixture";
import type { Unsent } from "./outbox";
import type { Turns } from "./turns";

let server: ReturnType<typeof fakeServer>;
let queries: QueryClient;
let turns: Turns;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  server = fakeServer();
  queries = fakeQueries();
  turns = turnsOf("alice", queries);
});
afterEach(() => {
  turns.end();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a message that is taken back is not sent, even if it was on its way", async () => {
  let request: Request | undefined;
  vi.stubGlobal("fetch", (made: Request, { signal }: RequestInit) => {
    if (made.url.endsWith("/start")) return Promise.resolve(json({ sessionId: "s", conversationId: "c" }));
    request = made;
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)));
  });
  turns.delivery.send("c", "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  const [{ id }] = turns.state.outbox.store.get() as [Unsent];
  turns.delivery.takeBack(id);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(request?.signal.aborted).toBe(true);
  expect(turns.state.outbox.store.get()).toEqual([]);
});

test("a message whose conversation is gone is kept for a new chat", async () => {
  server.answers.start = () => json({ message: "This conversation does not exist." }, 404);
  turns.delivery.send("gone", "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  const kept = { conversationId: "new", content: "Hello", state: "failed", reason: "This conversation does not exist." };
  expect(turns.state.outbox.store.get()).toMatchObject([kept]);
});

test("a start whose response comes late removes nothing from a chat that has gone on", async () => {
  server.answers.messages = () => page(message("q", { role: "user" }));
  server.answers.message = () => json({}, 422);
  await refreshMessages(queries, "c");
  turns.delivery.send(null, "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  expect(shownMessages(queries).map(({ id }) => id)).toEqual(["q"]);
});

test("nothing is sent for a person who has left", async () => {
  server.answers.message = () => json({}, 503);
  turns.delivery.send("c", "Hello", null);
  await vi.advanceTimersByTimeAsync(2000);
  turns.end();
  server.requests.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(server.requests).toEqual([]);
});
