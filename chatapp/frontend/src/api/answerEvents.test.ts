import { expect, test, vi } from "vitest";
import { answerEvents, type AnswerEvent } from "./answerEvents";

function bodyOf(text: string, size: number): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  return new ReadableStream({
    start(controller) {
      for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
      controller.close();
    },
  });
}

async function read(text: string, size = 1): Promise<AnswerEvent[]> {
  const events: AnswerEvent[] = [];
  for await (const event of answerEvents(bodyOf(text, size))) events.push(event);
  return events;
}

test("an event that is split anywhere, even inside a character, arrives whole", async () => {
  const events = await read('event: delta\nid: 4\ndata: {"text":"é👍🏽"}\n\n');
  expect(events).toEqual([{ type: "delta", text: "é👍🏽", end: 4 }]);
});

test("heartbeats and unknown events are skipped", async () => {
  const events = await read(': keep-alive\n\nevent: novelty\ndata: {}\n\nevent: title\ndata: {"title":"Tea"}\n\n', 7);
  expect(events).toEqual([{ type: "title", title: "Tea" }]);
});

test("an event that the end of the connection cut off is ignored", async () => {
  expect(await read('event: delta\nid: 1\ndata: {"text":"a"}\n')).toEqual([]);
});

test("CRLF line ends are read", async () => {
  expect(await read('event: delta\r\nid: 2\r\ndata: {"text":"hi"}\r\n\r\n', 3)).toEqual([
    { type: "delta", text: "hi", end: 2 },
  ]);
});

test("a connection without even a heartbeat is given up", async () => {
  vi.useFakeTimers();
  const cancel = vi.fn();
  const reading = answerEvents(new ReadableStream({ cancel })).next();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(cancel).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(15_000);
  expect((await reading).done).toBe(true);
  expect(cancel).toHaveBeenCalled();
  vi.useRealTimers();
});
