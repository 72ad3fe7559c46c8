import { expect, test, vi } from "vitest";
import type { Message } from "../api/types";
import type { Unsent } from "./outbox";
import { Turns } from "./turns";
import { events, json, message, newTurns, page, setUpTurns } from "./turns.fixture";

const alice = setUpTurns();
const said = (): string[] => alice.server.bodies.flatMap(({ content }) => content ?? []);
const queue = (): string[] => alice.turns.state.outbox.store.get().map(({ content, state }) => `${content}: ${state}`);

/** The server answers each message when the test ends its answer. */
function answering() {
  const ends: ((status: Message["status"]) => void)[] = [];
  alice.server.answers.message = () => {
    const { id } = alice.server.bodies.at(-1)!;
    const answer = message(`answer ${ends.length}`);
    let body: ReadableStreamDefaultController<Uint8Array>;
    const send = async (...all: Parameters<typeof events>): Promise<void> => body.enqueue(new Uint8Array(await events(...all).arrayBuffer()));
    const response = new Response(new ReadableStream({ start: (controller) => void (body = controller) }));
    void send(["start", { userMessage: message(id!, { role: "user", status: "complete" }), assistantMessage: answer }]);
    ends.push((status) => void send(["end", { assistantMessage: { ...answer, status } }]).then(() => body.close()));
    return response;
  };
  return { end: (status: Message["status"] = "complete") => (ends.at(-1)!(status), vi.advanceTimersByTimeAsync(5000)) };
}

async function sendAll(...texts: string[]): Promise<void> {
  for (const text of texts) {
    alice.turns.delivery.send("c", text);
    await vi.advanceTimersByTimeAsync(100);
  }
}

test("messages written while an answer is written are sent in order, each when the answer before it has ended", async () => {
  const answer = answering();
  await sendAll("one", "two", "three");
  expect(said()).toEqual(["one"]);
  expect(queue()).toEqual(["two: queued", "three: queued"]);
  await answer.end();
  expect(said()).toEqual(["one", "two"]);
  await answer.end("stopped");
  expect(said()).toEqual(["one", "two", "three"]);
  expect(queue()).toEqual([]);
});

test.each(["error", "interrupted"] as const)("after an answer that ended as %s the queue waits for the person, and then goes on", async (status) => {
  const answer = answering();
  await sendAll("one", "two", "three");
  await answer.end(status);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said()).toEqual(["one"]);
  expect(queue()).toEqual(["two: held", "three: queued"]);
  alice.turns.delivery.retry(alice.turns.state.outbox.store.get()[0]!.id);
  await vi.advanceTimersByTimeAsync(100);
  await answer.end();
  expect(said()).toEqual(["one", "two", "three"]);
});

test("what is queued behind a refused message waits until that is sent", async () => {
  alice.turns.delivery.takeOver();
  const answer = answering();
  const accept = alice.server.answers.message!;
  await sendAll("one", "two", "three");
  alice.server.answers.message = () => json({ reason: "too_many_answers" }, 429);
  await answer.end();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(said()).toEqual(["one", "two"]);
  expect(queue()).toEqual(["two: failed", "three: held"]);
  alice.server.answers.message = accept;
  alice.turns.delivery.retry(alice.turns.state.outbox.store.get()[0]!.id);
  expect(queue()[0]).toBe("two: sending");
  await vi.advanceTimersByTimeAsync(100);
  await answer.end();
  expect(said()).toEqual(["one", "two", "two", "three"]);
});

test("a message that was refused holds up none that is written after it", async () => {
  alice.server.answers.message = () => json({ reason: "invalid_input" }, 422);
  await sendAll("one");
  answering();
  await sendAll("two");
  expect(said()).toEqual(["one", "two"]);
  expect(queue()).toEqual(["one: failed"]);
});

test("a queued message can be taken back, and the next one takes its place", async () => {
  const answer = answering();
  await sendAll("one", "two", "three");
  alice.turns.delivery.takeBack(alice.turns.state.outbox.store.get()[0]!.id);
  await answer.end();
  expect(said()).toEqual(["one", "three"]);
});

test("the queue survives a reload, and waits for the answer that the server is still writing", async () => {
  alice.turns.state.answers.begin("c", "a", "");
  await sendAll("one", "two");
  alice.turns.end();
  alice.queries.removeQueries();
  alice.server.answers.messages = () => page(message("a"));
  alice.server.answers.stream = () => new Response(new ReadableStream());
  const answer = answering();
  alice.turns = newTurns(alice.queries);
  alice.turns.delivery.takeOver();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(queue()).toEqual(["one: queued", "two: queued"]);
  alice.turns.state.apply("c", { type: "end", assistantMessage: message("a", { status: "complete" }) });
  await vi.advanceTimersByTimeAsync(100);
  await answer.end();
  expect(said()).toEqual(["one", "two"]);
});

test("an answer that another device began makes a message wait, and is not asked about again and again", async () => {
  alice.server.answers.message = () => json({ reason: "turn_in_progress" }, 409);
  alice.server.answers.messages = () => page(message("a"));
  alice.server.answers.stream = () => json({}, 403); // not even one that this page may not follow
  await sendAll("one");
  expect(queue()).toEqual(["one: queued"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alice.server.requests.length).toBeLessThan(40);
});

test("what is queued behind the first message of a new chat goes into its conversation", async () => {
  const answer = answering();
  let start = (): void => undefined;
  alice.server.answers.start = () => new Promise((resolve) => (start = () => resolve(json({ sessionId: "s", conversationId: "c" }))));
  alice.turns.delivery.send(null, "one");
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.delivery.send(null, "two");
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.server.requests).toEqual(["start"]);
  start();
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.outbox.store.get()).toMatchObject([{ content: "two", conversationId: "c", state: "queued" }]);
  await answer.end();
  expect(said()).toEqual(["one", "two"]);
  expect(alice.server.requests.filter((path) => path === "start")).toHaveLength(1);
});

test("what is queued behind a first message that is taken back begins the chat itself, and opens it", async () => {
  answering();
  alice.server.answers.start = () => json({}, 503);
  alice.turns.delivery.send(null, "one");
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.delivery.send(null, "two");
  await vi.advanceTimersByTimeAsync(100);
  alice.server.answers.start = () => json({ sessionId: "s", conversationId: "c" });
  alice.turns.delivery.takeBack(alice.turns.state.outbox.store.get()[0]!.id);
  await vi.advanceTimersByTimeAsync(5000);
  expect(said()).toEqual(["two"]);
  expect(alice.turns.delivery.newChats.started.get()).toBe("c");
});

test("what is held behind a first message goes into its conversation too", async () => {
  answering();
  const unsent: Unsent = { id: "1", conversationId: "new", content: "one", createdAt: "1", model: null, editOf: null, state: "waiting", refusal: null };
  for (const one of [unsent, { ...unsent, id: "2", content: "two", createdAt: "2", state: "held" as const }]) alice.turns.state.outbox.add(one);
  alice.turns.delivery.takeOver();
  await vi.advanceTimersByTimeAsync(5000);
  expect(alice.turns.state.outbox.store.get()).toMatchObject([{ content: "two", conversationId: "c", state: "held" }]);
});

test("what is queued in a conversation that is gone is kept for a new chat, edits as ordinary messages", async () => {
  alice.turns.state.answers.begin("gone", "a", "");
  for (const content of ["one", "two", "three"]) alice.turns.delivery.send("gone", content, undefined, { editOf: "q" });
  alice.server.answers.start = () => json({ reason: "conversation_not_found" }, 404);
  alice.server.answers.messages = () => json({ reason: "conversation_not_found" }, 404);
  alice.turns.state.answers.end("gone");
  await vi.advanceTimersByTimeAsync(5000);
  expect(queue()).toEqual(["one: failed", "two: held", "three: queued"]);
  expect(alice.turns.state.outbox.store.get()).toMatchObject(Array(3).fill({ conversationId: "new", editOf: null }));
});

test("a message does not wait for one in another conversation", async () => {
  alice.turns.state.answers.begin("d", "a", "");
  alice.turns.delivery.send("d", "one");
  answering();
  await sendAll("two");
  expect(said()).toEqual(["two"]);
});

test("a queued message keeps its place while the server is away", async () => {
  alice.turns.state.answers.begin("c", "a", "");
  await sendAll("one");
  alice.queries.removeQueries();
  alice.server.answers.messages = () => json({}, 503);
  alice.turns.state.answers.end("c");
  await vi.advanceTimersByTimeAsync(10_000);
  expect(queue()).toEqual(["one: queued"]);
});

test("the answer that another device began is shown, as soon as it can be read", async () => {
  alice.server.answers.message = () => json({ reason: "turn_in_progress" }, 409);
  alice.server.answers.messages = () => json({}, 503);
  await sendAll("one");
  alice.server.answers.messages = () => page(message("a", { content: "Hel" }));
  alice.server.answers.stream = () => new Response(new ReadableStream());
  await vi.advanceTimersByTimeAsync(10_000);
  expect(alice.turns.state.answers.get("c")).toMatchObject({ messageId: "a", text: "Hel" });
});

test("a queued message is sent with the model that was shown when it was queued", async () => {
  const answer = answering();
  alice.turns.delivery.send("c", "one", { chosen: null, shown: "small" });
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.delivery.send("c", "two", { chosen: null, shown: "large" });
  await answer.end();
  expect(alice.server.bodies.filter(({ content }) => content)).toMatchObject([{ content: "one" }, { content: "two", model: "large" }]);
  expect(alice.server.bodies.find(({ content }) => content === "one")).not.toHaveProperty("model");
});

/** Gives the page locks, as browsers do over HTTPS. */
function stubLocks(): void {
  const locks = new Map<string, Promise<void>>();
  const request = (name: string, _: object, work: () => Promise<void>): Promise<void> => {
    locks.set(name, (locks.get(name) ?? Promise.resolve()).then(work));
    return locks.get(name)!;
  };
  vi.stubGlobal("navigator", { locks: { request } });
}

test("what was queued is sent when the person who has left comes back without a reload", async () => {
  stubLocks();
  alice.turns.state.answers.begin("c", "a", "");
  await sendAll("one");
  alice.turns.end();
  alice.queries.removeQueries();
  alice.server.answers.messages = () => page(message("a", { status: "complete" }));
  answering();
  alice.turns = newTurns(alice.queries);
  alice.turns.delivery.takeOver();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said()).toEqual(["one"]);
});

test("two tabs with one queue send each message once", async () => {
  stubLocks();
  const other = new Turns("alice", alice.queries, async () => ({ model: null, systemPrompt: null }));
  const unsubscribe = tellOtherTabs();
  const answer = answering();
  alice.turns.delivery.takeOver();
  other.delivery.takeOver();
  await sendAll("one", "two");
  expect(other.state.outbox.store.get()).toMatchObject([{ content: "two", state: "queued" }]);
  await answer.end();
  await answer.end();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(said()).toEqual(["one", "two"]);
  expect(other.state.outbox.store.get()).toEqual([]);
  unsubscribe();
  other.end();
});

/** What is stored is told to every listener of this window, as browsers tell it to the other tabs. */
function tellOtherTabs(): () => void {
  const { outbox } = alice.turns.state;
  const told = new Map<string, string | null>();
  const tell = (id: string, newValue: string | null): void => {
    if (told.get(id) === newValue) return;
    told.set(id, newValue);
    dispatchEvent(new StorageEvent("storage", { key: `chatapp:outbox:alice:${id}`, newValue }));
  };
  return outbox.store.subscribe(() => {
    for (const unsent of outbox.store.get()) tell(unsent.id, JSON.stringify(unsent));
    for (const id of [...told.keys()]) if (!outbox.get(id)) tell(id, null);
  });
}
