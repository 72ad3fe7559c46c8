import { expect, test, vi } from "vitest";
import { answerEvents, type AnswerEvent } from "./sse";

function bodyOf(text: string, sizes: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += sizes) controller.enqueue(bytes.slice(at, at + sizes));
      controller.close();
    },
  });
}

async function read(text: string, sizes = 1): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const event of answerEvents(bodyOf(text, sizes))) events.push(event);
  return events;
}

test("an event cut anywhere, even inside a character, arrives whole", async () => {
  const events = await read('event: delta\nid: 4\ndata: {"text":"é👍🏽"}\n\n');
  expect(events).toEqual([{ type: "delta", text: "é👍🏽", end: 4 }]);
});

test("heartbeats and unknown events are passed over", async () => {
  const events = await read(': keep-alive\n\nevent: novelty\ndata: {}\n\nevent: title\ndata: {"title":"Tea"}\n\n', 7);
  expect(events).toEqual([{ type: "title", title: "Tea" }]);
});

test("an event that was cut off by the end of the connection is not believed", async () => {
  expect(await read('event: delta\nid: 1\ndata: {"text":"a"}\n')).toEqual([]);
});

test("line ends of Windows are understood", async () => {
  expect(await read('event: delta\r\nid: 2\r\ndata: {"text":"hi"}\r\n\r\n', 3)).toEqual([
    { type: "delta", text: "hi", end: 2 },
  ]);
});

test("a connection that says nothing, not even that it lives, is given up", async () => {
  vi.useFakeTimers();
  const gone = vi.fn();
  const reading = answerEvents(new ReadableStream({ cancel: gone })).next();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(gone).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(15_000);
  expect((await reading).done).toBe(true);
  expect(gone).toHaveBeenCalled();
  vi.useRealTimers();
});
