import { expect, test, vi } from "vitest";
import type { History } from "../api/history";
import { keys } from "../api/keys";
import { refreshMessages } from "../api/queries";
import { signIn } from "../api/signIn";
import type { Unsent } from "./outbox";
import { Turns } from "./turns";
import { events, json, message, newTurns, page, setUpTurns, shownMessages } from "./turns.fixture";

const alice = setUpTurns();

test("a message that is taken back is not sent, even if it was on its way", async () => {
  let request: Request | undefined;
  vi.stubGlobal("fetch", (made: Request, { signal }: RequestInit) => {
    if (made.url.endsWith("/start")) return Promise.resolve(json({ sessionId: "s", conversationId: "c" }));
    request = made;
    return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error)));
  });
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(100);
  const [{ id }] = alice.turns.state.outbox.store.get() as [Unsent];
  alice.turns.delivery.takeBack(id);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(request?.signal.aborted).toBe(true);
  expect(alice.turns.state.outbox.store.get()).toEqual([]);
});

test("a first message that is taken back in another tab while its chat begins is not sent", async () => {
  let start = (): void => undefined;
  alice.server.answers.start = () => new Promise((resolve) => (start = () => resolve(json({ sessionId: "s", conversationId: "c" }))));
  alice.turns.delivery.send(null, "Hello");
  await vi.advanceTimersByTimeAsync(100);
  const [{ id }] = alice.turns.state.outbox.store.get() as [Unsent];
  dispatchEvent(new StorageEvent("storage", { key: `chatapp:outbox:alice:${id}`, newValue: null }));
  start();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.server.requests).toEqual(["start"]);
});

test("a new chat begins with what was chosen for it, and is shown at once", async () => {
  const turns = new Turns("alice", alice.queries, async () => ({ model: "small", systemPrompt: "Be kind." }));
  alice.queries.removeQueries();
  alice.server.answers.message = () => answered(turns.state.outbox.store.get()[0]!.id);
  turns.delivery.send(null, "Hello", { chosen: "large", shown: "large" }, { projectId: "p" });
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.server.bodies[0]).toMatchObject({ model: "large", systemPrompt: "Be kind.", projectId: "p" });
  expect(shownMessages(alice.queries)).toMatchObject([{ content: "Hi" }]);
  alice.server.answers.message = () => json({}, 503);
  turns.delivery.send(null, "Hello");
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.server.bodies.at(-2)).toMatchObject({ model: "small" });
  turns.end();
});

test("a chat whose beginning is tried again and again begins once", async () => {
  alice.server.answers.start = () => json({}, 503);
  alice.turns.delivery.send(null, "Hello");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.server.requests.length).toBeGreaterThan(2);
  expect(new Set(alice.server.bodies.map((body) => JSON.stringify(body))).size).toBe(1);
});

test("a message waits while the sign-in has ended, and is sent as soon as it is renewed", async () => {
  signIn.start();
  alice.server.answers.message = () => json({}, 401);
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alice.server.requests.filter((path) => path === "message")).toHaveLength(1);
  alice.server.answers.message = () => answered(alice.turns.state.outbox.store.get()[0]!.id);
  signIn.start();
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.outbox.store.get()).toEqual([]);
  signIn.end();
});

test("a message that waits for the server is shown as waiting also while it is tried again", async () => {
  alice.server.answers.message = () => json({}, 503);
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(100);
  alice.server.answers.message = () => new Promise<Response>(() => undefined);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.turns.state.outbox.store.get()).toMatchObject([{ state: "waiting" }]);
});

test("a message that is refused because of what has happened meanwhile has that shown", async () => {
  alice.server.answers.message = () => json({ reason: "conversation_in_trash" }, 409);
  alice.server.answers.messages = () => page(message("other", { status: "complete" }));
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(100);
  expect(shownMessages(alice.queries).map(({ id }) => id)).toEqual(["other"]);
});

test("a tab that watches over what others leave sends its own messages once, however long that takes", async () => {
  alice.turns.delivery.takeOver();
  alice.server.answers.message = () => new Promise<Response>(() => undefined);
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.server.requests.filter((path) => path === "message")).toHaveLength(1);
});

test("what another tab could not send is not sent by this one", async () => {
  const unsent: Unsent = { id: "1", conversationId: "c", content: "Hello", createdAt: "", model: null, editOf: null, state: "sending", refusal: null };
  const tell = (state: Unsent["state"]): void => {
    dispatchEvent(new StorageEvent("storage", { key: "chatapp:outbox:alice:1", newValue: JSON.stringify({ ...unsent, state }) }));
  };
  alice.turns.delivery.takeOver();
  tell("sending");
  await vi.advanceTimersByTimeAsync(100);
  tell("failed");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alice.server.requests).toEqual([]);
});

test("a message whose conversation is gone is kept for a new chat", async () => {
  alice.server.answers.start = () => json({ reason: "conversation_not_found" }, 404);
  alice.turns.delivery.send("gone", "Hello");
  await vi.advanceTimersByTimeAsync(100);
  const kept = { conversationId: "new", content: "Hello", state: "failed", refusal: { status: 404, reason: "conversation_not_found" } };
  expect(alice.turns.state.outbox.store.get()).toMatchObject([kept]);
});

test("a first message whose conversation was deleted for good begins another when it is sent again", async () => {
  const asked: unknown[] = [];
  const { outbox } = alice.turns.state;
  vi.stubGlobal("fetch", async (request: Request) => {
    if (!request.url.endsWith("/start")) return answered(outbox.store.get()[0]!.id);
    const { idempotencyKey } = (await request.json()) as { idempotencyKey: string };
    asked.push(idempotencyKey);
    return idempotencyKey === asked[0] ? json({ reason: "conversation_not_found" }, 404) : json({ sessionId: "s", conversationId: "c" });
  });
  alice.turns.delivery.send(null, "Hello");
  await vi.advanceTimersByTimeAsync(100);
  const [kept] = outbox.store.get() as [Unsent];
  expect(kept).toMatchObject({ conversationId: "new", content: "Hello", state: "failed" });
  alice.turns.delivery.retry(kept.id);
  await vi.advanceTimersByTimeAsync(100);
  expect(new Set(asked).size).toBe(2);
  expect(outbox.store.get()).toEqual([]);
  expect(shownMessages(alice.queries).at(-1)).toMatchObject({ content: "Hi" });
});

test("a start whose response comes late removes nothing from a chat that has gone on", async () => {
  alice.server.answers.messages = () => page(message("q", { role: "user" }));
  alice.server.answers.message = () => json({}, 422);
  await refreshMessages(alice.queries, "c");
  alice.turns.delivery.send(null, "Hello");
  await vi.advanceTimersByTimeAsync(100);
  expect(shownMessages(alice.queries).map(({ id }) => id)).toEqual(["q"]);
});

test.each(["c", null])("nothing is sent for a person who has left", async (conversationId) => {
  for (const action of ["start", "message"]) alice.server.answers[action] = () => json({}, 503);
  alice.turns.delivery.send(conversationId, "Hello");
  await vi.advanceTimersByTimeAsync(2000);
  alice.turns.end();
  alice.server.requests.length = 0;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alice.server.requests).toEqual([]);
});

const answered = (id: string): Response =>
  events(
    ["start", { userMessage: message(id, { role: "user", status: "complete" }), assistantMessage: message("a") }],
    ["end", { assistantMessage: message("a", { content: "Hi", status: "complete" }) }],
  );

test("a message whose response is empty is sent again", async () => {
  const { outbox } = alice.turns.state;
  const responses = [() => new Response(new ReadableStream({ start: (body) => body.close() })), () => answered(outbox.store.get()[0]!.id)];
  alice.server.answers.message = () => responses.shift()!();
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(responses).toEqual([]);
  expect(outbox.store.get()).toEqual([]);
  expect(shownMessages(alice.queries).at(-1)).toMatchObject({ content: "Hi", status: "complete" });
});

test("a message that was answered before does not bring its branch back", async () => {
  const shown = [message("q", { role: "user", status: "complete" }), message("sibling", { parentId: "q", status: "complete" })];
  alice.queries.setQueryData<History>(keys.messages("c"), { items: shown, olderCursor: null });
  alice.server.answers.messages = () => page(...shown);
  alice.server.answers.message = () => {
    const sent = message(alice.turns.state.outbox.store.get()[0]!.id, { role: "user", parentId: "q", status: "complete" });
    const answer = message("a", { parentId: sent.id, content: "Old", status: "complete" });
    return events(["start", { userMessage: sent, assistantMessage: answer }], ["delta", { text: "Old" }, 3], ["end", { assistantMessage: answer }]);
  };
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(1000);
  expect(shownMessages(alice.queries).map(({ id }) => id)).toEqual(["q", "sibling"]);
  expect(alice.server.requests).toContain("messages"); // whatever the conversation has become
  expect(alice.turns.state.outbox.store.get()).toEqual([]);
  expect(alice.turns.state.answers.get("c")).toBeUndefined();
});

test("a message whose tab is closed while it is being sent is sent by another", async () => {
  const unsent: Unsent = { id: "1", conversationId: "c", content: "Hello", createdAt: "", model: null, editOf: null, state: "sending", refusal: null };
  let closeTheOtherTab = (): void => undefined;
  const closed = new Promise<void>((resolve) => (closeTheOtherTab = resolve));
  vi.stubGlobal("navigator", { locks: { request: (_: string, __: object, work: () => Promise<void>) => closed.then(work) } });
  alice.server.answers.message = () => answered("1");
  alice.turns.delivery.takeOver();
  dispatchEvent(new StorageEvent("storage", { key: "chatapp:outbox:alice:1", newValue: JSON.stringify(unsent) }));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.server.requests).not.toContain("message");
  closeTheOtherTab();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.server.requests).toContain("message");
  expect(alice.turns.state.outbox.store.get()).toEqual([]);
});

test("a new chat that was chosen to be temporary begins as one, also after a reload", async () => {
  alice.server.answers.start = () => json({}, 503);
  alice.turns.delivery.send(null, "Secret", undefined, { temporary: true });
  alice.turns.delivery.send("c", "Ordinary", undefined, { temporary: true });
  await vi.advanceTimersByTimeAsync(100);
  const stored = JSON.stringify({ ...localStorage });
  expect(stored.match(/temporary/g)).toHaveLength(1);
  expect(alice.server.bodies.filter((body) => "temporary" in body)).toMatchObject([{ temporary: true }]);
});

test("a new chat begins in the project that it was written in, also after a reload", async () => {
  alice.server.answers.start = () => json({}, 503);
  alice.turns.delivery.send(null, "Hello", undefined, { projectId: "physics" });
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.end();
  alice.server.bodies.length = 0;
  alice.turns = newTurns(alice.queries);
  alice.turns.delivery.takeOver();
  await vi.advanceTimersByTimeAsync(5000);
  expect(alice.server.bodies[0]).toMatchObject({ projectId: "physics" });
});

test("a message whose project is gone is sent without it when it is sent again", async () => {
  alice.server.answers.start = () => json({ reason: "project_not_found" }, 404);
  alice.turns.delivery.send(null, "Hello", undefined, { projectId: "gone" });
  await vi.advanceTimersByTimeAsync(100);
  const [kept] = alice.turns.state.outbox.store.get() as [Unsent];
  expect(kept.state).toBe("failed");
  alice.server.bodies.length = 0;
  alice.turns.delivery.retry(kept.id);
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.server.bodies[0]).not.toHaveProperty("projectId");
});

test("an edit that could not be sent is sent as one after a reload, and takes the place of what it edits", async () => {
  const question = message("q", { role: "user", content: "Tea?", status: "complete" });
  alice.queries.setQueryData<History>(keys.messages("c"), { items: [question, message("a", { parentId: "q", status: "complete" })], olderCursor: null });
  alice.server.answers.message = () => Promise.reject(new TypeError("away"));
  alice.turns.delivery.send("c", "Coffee?", undefined, { editOf: "q" });
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.end();
  alice.server.bodies.length = 0;
  alice.turns = newTurns(alice.queries);
  const [{ id }] = alice.turns.state.outbox.store.get() as [Unsent];
  alice.server.answers.message = () =>
    events(["start", { userMessage: message(id, { role: "user", content: "Coffee?", status: "complete" }), assistantMessage: message("b", { parentId: id }) }]);
  alice.turns.delivery.takeOver();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.server.bodies).toContainEqual({ content: "Coffee?", id, editOf: "q" });
  expect(shownMessages(alice.queries).map((shown) => shown.id)).toEqual([id, "b"]);
});

test("an edit whose conversation is gone is kept as an ordinary message", async () => {
  alice.server.answers.start = () => json({ reason: "conversation_not_found" }, 404);
  alice.turns.delivery.send("gone", "Hello", undefined, { editOf: "q" });
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.outbox.store.get()).toMatchObject([{ conversationId: "new", editOf: null, state: "failed" }]);
});
