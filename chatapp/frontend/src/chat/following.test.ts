import { expect, test, vi } from "vitest";
import type { History } from "../api/history";
import { keys } from "../api/keys";
import { events, json, message, page, setUpTurns, shownMessages } from "./turns.fixture";

const alice = setUpTurns();
const streams = (): number => alice.server.requests.filter((path) => path === "stream").length;

test("an answer that may not be followed is not requested for ever", async () => {
  alice.server.answers.stream = () => json({}, 403);
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")).toBeUndefined();
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams()).toBe(1);
});

test("a server in trouble is asked again, with pauses, until it sends the rest", async () => {
  alice.server.answers.stream = () => json({}, streams() % 2 ? 500 : 429);
  alice.turns.following.follow(message("a", { content: "Hel" }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(streams()).toBeLessThan(10);
  alice.server.answers.stream = () => events(["start", { userMessage: null, assistantMessage: message("a") }], ["delta", { text: "Hello" }, 5]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.turns.state.answers.get("c")?.text).toBe("Hello");
});

test("another answer that started meanwhile is not appended to the one that was followed", async () => {
  const other = message("b", { content: "Other" });
  alice.server.answers.stream = () => events(["start", { userMessage: null, assistantMessage: other }], ["delta", { text: "Other words" }, 11]);
  alice.server.answers.messages = () => page(message("a", { content: "Old", status: "complete" }), other);
  alice.turns.following.follow(message("a", { content: "Ol" }));
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")).toMatchObject({ messageId: "b", text: "Other words" });
  expect(shownMessages(alice.queries)[0]).toMatchObject({ content: "Old", status: "complete" });
});

test("an answer that ends while another branch is shown leaves that branch", async () => {
  const question = message("q", { role: "user", status: "complete" });
  const sibling = message("b", { parentId: "q", status: "complete" });
  const ended = message("a", { parentId: "q", content: "Hello", status: "complete" });
  alice.queries.setQueryData<History>(keys.messages("c"), { items: [question, sibling], olderCursor: null });
  alice.server.answers.stream = () => events(["delta", { text: "Hello" }, 5], ["end", { assistantMessage: ended }]);
  alice.turns.following.follow(message("a", { parentId: "q" }));
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")).toBeUndefined();
  expect(shownMessages(alice.queries).map(({ id }) => id)).toEqual(["q", "b"]);
});

test("a restored connection is not shown as lost, even before any text arrives", async () => {
  alice.server.answers.stream = () => json({}, 503);
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")?.reconnecting).toBe(true);
  alice.server.answers.stream = () => new Response(new ReadableStream({ start: (body) => body.enqueue(new TextEncoder().encode(": keep-alive\n\n")) }));
  await vi.advanceTimersByTimeAsync(2000);
  expect(alice.turns.state.answers.get("c")?.reconnecting).toBe(false);
});

test("a stop that does not reach the server can be tried again", async () => {
  alice.turns.state.answers.begin("c", "a", "");
  alice.server.answers.stop = () => Promise.reject(new TypeError("away"));
  await expect(alice.turns.following.stop("c")).rejects.toThrow();
  expect(alice.turns.state.answers.get("c")?.stopping).toBe(false);
});

test("a continued answer shows the text that it begins with at once, and no piece of it twice", async () => {
  const first = message("a", { parentId: "q", content: "Sun", status: "stopped" });
  alice.queries.setQueryData<History>(keys.messages("c"), { items: [message("q", { role: "user", status: "complete" }), first], olderCursor: null });
  let tell = (_: string): void => undefined;
  const started = { userMessage: null, assistantMessage: message("b", { parentId: "q", continues: "a" }) };
  alice.server.answers.continue = () =>
    new Response(
      new ReadableStream({
        start: (body) => {
          tell = (text) => body.enqueue(new TextEncoder().encode(text));
          tell(`event: start\ndata: ${JSON.stringify(started)}\n\n`);
        },
      }),
    );
  void alice.turns.following.goOn("c", "a");
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")).toMatchObject({ messageId: "b", text: "Sun" });
  tell('event: delta\nid: 3\ndata: {"text": "Sun"}\n\nevent: delta\nid: 9\ndata: {"text": "light "}\n\n');
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")?.text).toBe("Sunlight ");
  expect(alice.server.bodies).toContainEqual({ messageId: "a" });
});

test("whoever reconnects says how much of the reasoning is known", async () => {
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request.url);
    if (request.url.includes("/start")) return json({ sessionId: "s", conversationId: "c" });
    return asked.length < 4 ? events(["reasoning", { text: "Why", at: 0 }]) : new Response(new ReadableStream());
  });
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(5000);
  expect(asked.at(-1)).toContain("after=0&reasoningAfter=3");
});
