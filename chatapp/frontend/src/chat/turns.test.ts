import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keys, putMessage, refreshMessages } from "../api/queries";
import type { Message } from "../api/types";
import { EMPTY, type History } from "./history";
import type { Unsent } from "./outbox";
import { Turns } from "./turns";

const message = (id: string, fields: Partial<Message> = {}): Message =>
  ({ id, conversationId: "c", parentId: null, role: "assistant", content: "", status: "streaming", createdAt: "2026-01-01T00:00:00Z", ...fields }) as Message;
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });
const page = (...items: Message[]): Response => json({ items, nextCursor: null });
const events = (...all: [string, object, number?][]): Response =>
  new Response(all.map(([event, data, id]) => `event: ${event}\n${id ? `id: ${id}\n` : ""}data: ${JSON.stringify(data)}\n\n`).join(""));

const asked: string[] = [];
/** What the server answers, by what the path ends with. */
let answers: Record<string, () => Response | Promise<Response>>;
let turns: Turns;
let queries: QueryClient;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  asked.length = 0;
  answers = { start: () => json({ sessionId: "s", conversationId: "c" }) };
  vi.stubGlobal("fetch", async ({ url }: Request) => {
    const path = new URL(url).pathname.split("/").at(-1)!;
    asked.push(path);
    return answers[path]?.() ?? json({}, 404);
  });
  queries = new QueryClient();
  queries.setQueryData<History>(keys.messages("c"), EMPTY);
  turns = new Turns("alice", queries, () => ({ model: null, systemPrompt: null }));
});
afterEach(() => {
  turns.dispose();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("an answer that may not be followed is not asked for without end", async () => {
  answers.stream = () => json({}, 403);
  turns.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.answers.get("c")).toBeUndefined();
  turns.follow(message("a"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.filter((path) => path === "stream")).toHaveLength(1);
});

test("a server in trouble is asked again, with pauses, until it tells the rest", async () => {
  answers.stream = () => json({}, asked.filter((path) => path === "stream").length % 2 ? 500 : 429);
  turns.follow(message("a", { content: "Hel" }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(asked.filter((path) => path === "stream").length).toBeLessThan(10);
  answers.stream = () => events(["start", { userMessage: null, assistantMessage: message("a") }], ["delta", { text: "Hello" }, 5]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(turns.answers.get("c")?.text).toBe("Hello");
});

test("another answer that has begun meanwhile is not added to the one that was followed", async () => {
  const other = message("b", { content: "Other" });
  answers.stream = () => events(["start", { userMessage: null, assistantMessage: other }], ["delta", { text: "Other words" }, 11]);
  answers.messages = () => page(message("a", { content: "Old", status: "complete" }), other);
  turns.follow(message("a", { content: "Ol" }));
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.answers.get("c")).toMatchObject({ messageId: "b", text: "Other words" });
  expect(queries.getQueryData<History>(keys.messages("c"))?.items[0]).toMatchObject({ content: "Old", status: "complete" });
});

test("a connection that is back is not said to be lost, though no text has come yet", async () => {
  answers.stream = () => json({}, 503);
  turns.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(turns.answers.get("c")?.reconnecting).toBe(true);
  answers.stream = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode(": keep-alive\n\n")) }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(turns.answers.get("c")?.reconnecting).toBe(false);
});

test("a stop that does not get through can be tried again", async () => {
  turns.answers.begin("c", "a", "");
  answers.stop = () => Promise.reject(new TypeError("away"));
  await expect(turns.stop("c")).rejects.toThrow();
  expect(turns.answers.get("c")?.stopping).toBe(false);
});

test("a page that was asked for before a message was put does not take it away", async () => {
  let arrive = (_response: Response): void => undefined;
  answers.messages = () => new Promise((resolve) => (arrive = resolve));
  const refreshed = refreshMessages(queries, "c");
  await vi.advanceTimersByTimeAsync(0);
  putMessage(queries, message("q", { role: "user" }));
  answers.messages = () => page(message("q", { role: "user" }));
  arrive(page());
  expect((await refreshed).items.map(({ id }) => id)).toEqual(["q"]);
});

test("a tab goes to the chat that another tab has begun with its message, and to no other", async () => {
  answers.start = () => json({}, 503);
  turns.send(null, "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  const [own] = turns.outbox.store.get();
  const hear = (unsent: Unsent): void => {
    const key = `chatapp:outbox:alice:${unsent.id}`;
    dispatchEvent(new StorageEvent("storage", { key, newValue: JSON.stringify(unsent) }));
  };
  hear({ ...own!, id: "other" });
  hear({ ...own!, id: "other", conversationId: "d" });
  expect(turns.started.get()).toBeNull();
  hear({ ...own!, conversationId: "c" });
  expect(turns.started.get()).toBe("c");
});

test("a tab that was loaded again goes on with the chat that it waits for", () => {
  const unsent = { id: "1", conversationId: "new", content: "Hello", createdAt: "", model: null, state: "waiting", reason: null };
  localStorage.setItem("chatapp:outbox:alice:1", JSON.stringify(unsent));
  const again = new Turns("alice", queries, () => ({ model: null, systemPrompt: null }));
  const begun = JSON.stringify({ ...unsent, conversationId: "c" });
  dispatchEvent(new StorageEvent("storage", { key: "chatapp:outbox:alice:1", newValue: begun }));
  expect(again.started.get()).toBe("c");
  again.dispose();
});

test("what is taken back is not sent any more, also where it was on its way", async () => {
  let request: Request | undefined;
  vi.stubGlobal("fetch", (made: Request, { signal }: RequestInit) => {
    if (made.url.endsWith("/start")) return Promise.resolve(json({ sessionId: "s", conversationId: "c" }));
    request = made;
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)));
  });
  turns.send("c", "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  const [{ id }] = turns.outbox.store.get() as [Unsent];
  turns.takeBack(id);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(request?.signal.aborted).toBe(true);
  expect(turns.outbox.store.get()).toEqual([]);
});

test("a message whose conversation is gone is kept where a new chat begins", async () => {
  answers.start = () => json({ message: "This conversation does not exist." }, 404);
  turns.send("gone", "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  const kept = { conversationId: "new", content: "Hello", state: "failed", reason: "This conversation does not exist." };
  expect(turns.outbox.store.get()).toMatchObject([kept]);
});

test("a start that is heard of late takes nothing from a chat that has gone on", async () => {
  answers.messages = () => page(message("q", { role: "user" }));
  answers.message = () => json({}, 422);
  await refreshMessages(queries, "c");
  turns.send(null, "Hello", null);
  await vi.advanceTimersByTimeAsync(100);
  expect(queries.getQueryData<History>(keys.messages("c"))?.items.map(({ id }) => id)).toEqual(["q"]);
});

test("a person who has gone sends nothing any more", async () => {
  answers.message = () => json({}, 503);
  turns.send("c", "Hello", null);
  await vi.advanceTimersByTimeAsync(2000);
  turns.dispose();
  asked.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual([]);
});
