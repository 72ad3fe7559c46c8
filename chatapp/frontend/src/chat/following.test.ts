import type { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { events, fakeQueries, fakeServer, json, message, page, shownMessages, turnsOf } from "./turns.fixture";
import type { Turns } from "./turns";

let server: ReturnType<typeof fakeServer>;
let queries: QueryClient;
let turns: Turns;
const streams = (): number => server.requests.filter((path) => path === "stream").length;

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

test("an answer that may not be followed is not requested for ever", async () => {
  server.answers.stream = () => json({}, 403);
  turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.state.answers.get("c")).toBeUndefined();
  turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams()).toBe(1);
});

test("a server in trouble is asked again, with pauses, until it sends the rest", async () => {
  server.answers.stream = () => json({}, streams() % 2 ? 500 : 429);
  turns.following.follow(message("a", { content: "Hel" }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(streams()).toBeLessThan(10);
  server.answers.stream = () => events(["start", { userMessage: null, assistantMessage: message("a") }], ["delta", { text: "Hello" }, 5]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(turns.state.answers.get("c")?.text).toBe("Hello");
});

test("another answer that started meanwhile is not appended to the one that was followed", async () => {
  const other = message("b", { content: "Other" });
  server.answers.stream = () => events(["start", { userMessage: null, assistantMessage: other }], ["delta", { text: "Other words" }, 11]);
  server.answers.messages = () => page(message("a", { content: "Old", status: "complete" }), other);
  turns.following.follow(message("a", { content: "Ol" }));
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.state.answers.get("c")).toMatchObject({ messageId: "b", text: "Other words" });
  expect(shownMessages(queries)[0]).toMatchObject({ content: "Old", status: "complete" });
});

test("a restored connection is not shown as lost, even before any text arrives", async () => {
  server.answers.stream = () => json({}, 503);
  turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.state.answers.get("c")?.reconnecting).toBe(true);
  server.answers.stream = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode(": keep-alive\n\n")) }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(turns.state.answers.get("c")?.reconnecting).toBe(false);
});

test("a stop that does not reach the server can be tried again", async () => {
  turns.state.answers.begin("c", "a", "");
  server.answers.stop = () => Promise.reject(new TypeError("away"));
  await expect(turns.following.stop("c")).rejects.toThrow();
  expect(turns.state.answers.get("c")?.stopping).toBe(false);
});
