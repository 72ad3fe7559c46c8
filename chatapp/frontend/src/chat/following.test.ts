import { expect, test, vi } from "vitest";
import type { History } from "../api/history";
import { keys } from "../api/keys";
import { signIn } from "../api/signIn";
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
  alice.server.answers.stream = () => events(["start", { userMessage: null, assistantMessage: other }], ["delta", { text: " words" }, 11]);
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

test.each([() => Promise.reject(new TypeError("away")), () => json({}, 503)])("a stop that fails can be tried again", async (answer) => {
  alice.turns.state.answers.begin("c", "a", "");
  alice.server.answers.stop = answer;
  const stopping = alice.turns.following.stop("c");
  expect(alice.turns.state.answers.get("c")?.stopping).toBe(true);
  await expect(stopping).rejects.toThrow();
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

/** A response to a turn whose body the test goes on with. */
function opened(...all: Parameters<typeof events>) {
  let body!: ReadableStreamDefaultController<Uint8Array>;
  const response = new Response(new ReadableStream({ start: (controller) => void (body = controller) }));
  const tell = async (...more: Parameters<typeof events>): Promise<void> => {
    body.enqueue(new Uint8Array(await events(...more).arrayBuffer()));
    await vi.advanceTimersByTimeAsync(100);
  };
  void tell(...all);
  return { response, tell, close: () => body.close(), fail: (error: unknown) => body.error(error) };
}

const started = (id: string): [string, object] => ["start", { userMessage: null, assistantMessage: message(id) }];

test.each([new TypeError("network"), new DOMException("aborted", "AbortError")])("an answer whose connection breaks is followed from where it was", async (error) => {
  const first = opened(started("a"), ["delta", { text: "Hel" }, 3]);
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request.url);
    if (request.url.endsWith("/start")) return json({ sessionId: "s", conversationId: "c" });
    return asked.length < 3 ? first.response : new Response(new ReadableStream());
  });
  void alice.turns.following.regenerate("c", "old");
  await vi.advanceTimersByTimeAsync(100);
  first.fail(error);
  await vi.advanceTimersByTimeAsync(100);
  expect(asked.at(-1)).toContain("/stream?after=3&reasoningAfter=0&messageId=a");
});

test("another answer is asked for with the model that was chosen, and the versions are numbered anew", async () => {
  alice.server.answers.regenerate = () => events(started("b"), ["end", { assistantMessage: message("b", { status: "complete" }) }]);
  alice.server.answers.messages = () => page(message("b", { siblingIds: ["a", "b"], status: "complete" }));
  await alice.turns.following.regenerate("c", "a", "large");
  expect(alice.server.bodies).toContainEqual({ messageId: "a", model: "large" });
  expect(shownMessages(alice.queries)).toMatchObject([{ siblingIds: ["a", "b"] }]);
});

test("an answer is followed once, however often it is reported", async () => {
  alice.server.answers.stream = () => new Response(new ReadableStream());
  for (let times = 0; times < 3; times += 1) alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(streams()).toBe(1);
});

test("an answer whose end was missed is shown as it is stored", async () => {
  alice.queries.setQueryData(keys.conversation("c"), { id: "c", generation: { messageId: "a" } });
  alice.server.answers.stream = () => new Response(null, { status: 204 });
  alice.server.answers.messages = () => page(message("a", { content: "Hello", status: "complete" }));
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  expect(alice.turns.state.answers.get("c")).toBeUndefined();
  expect(alice.queries.getQueryData(keys.conversation("c"))).toMatchObject({ generation: null });
  expect(shownMessages(alice.queries)).toMatchObject([{ content: "Hello", status: "complete" }]);
});

test.each([() => alice.turns.end(), () => alice.turns.state.answers.end("c")])("nothing is asked for once the person has left or the end is known", async (over) => {
  alice.server.answers.stream = () => json({}, 503);
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(100);
  over();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams()).toBeLessThan(3); // one may have been on its way
});

test("an answer that is being read is broken off when the person leaves", async () => {
  let request: Request | undefined;
  vi.stubGlobal("fetch", async (made: Request) => {
    if (made.url.endsWith("/start")) return json({ sessionId: "s", conversationId: "c" });
    request = made;
    return new Response(new ReadableStream());
  });
  alice.turns.delivery.send("c", "Hello");
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.end();
  expect(request?.signal.aborted).toBe(true);
});

test("a connection that breaks again and again is restored quickly as long as it brings something", async () => {
  let length = 0;
  alice.server.answers.stream = () => events(["delta", { text: "x" }, (length += 1)]);
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(10_000);
  expect(streams()).toBeGreaterThan(15);
});

test("an answer is followed on when the sign-in that had ended is renewed", async () => {
  signIn.start();
  alice.server.answers.stream = () => json({}, 401);
  alice.turns.following.follow(message("a"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(streams()).toBe(1);
  alice.server.answers.stream = () => events(["delta", { text: "Hello" }, 5]);
  signIn.start();
  await vi.advanceTimersByTimeAsync(5000);
  expect(alice.turns.state.answers.get("c")?.text).toBe("Hello");
  signIn.end();
});

test("nothing of an answer whose end is known gets into the one after it", async () => {
  const first = opened(started("a"));
  alice.server.answers.regenerate = () => first.response;
  alice.server.answers.messages = () => page();
  void alice.turns.following.regenerate("c", "old");
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.state.answers.end("c");
  alice.turns.state.answers.begin("c", "b", "");
  await first.tell(["delta", { text: "late" }, 4]);
  expect(alice.turns.state.answers.get("c")?.text).toBe("");
});

test("a connection that stays open after the end does not lead to the next answer", async () => {
  const first = opened(started("a"), ["end", { assistantMessage: message("a", { status: "complete" }) }]);
  alice.server.answers.regenerate = () => first.response;
  alice.server.answers.messages = () => page();
  void alice.turns.following.regenerate("c", "old");
  await vi.advanceTimersByTimeAsync(100);
  alice.turns.state.answers.begin("c", "b", "");
  first.close();
  await vi.advanceTimersByTimeAsync(100);
  expect(streams()).toBe(0);
});
