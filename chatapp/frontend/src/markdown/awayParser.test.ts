import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Job } from "./tree";

/** Answers every text but "slow". */
class FakeWorker {
  static started: FakeWorker[] = [];
  static broken = false;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  ended = false;
  constructor() {
    FakeWorker.started.push(this);
    if (FakeWorker.broken) queueMicrotask(() => this.onerror?.());
  }
  postMessage({ text }: Job): void {
    if (FakeWorker.broken) return;
    queueMicrotask(() => this.onmessage?.({ data: "ready" }));
    if (text !== "slow") queueMicrotask(() => this.onmessage?.({ data: text === "large" ? null : text }));
  }
  terminate(): void {
    this.ended = true;
  }
}

let parse: (text: string, signal?: AbortSignal) => Promise<unknown>;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("Worker", FakeWorker);
  vi.resetModules();
  FakeWorker.started = [];
  FakeWorker.broken = false;
  const { parseAway } = await import("./awayParser");
  parse = (text, signal = new AbortController().signal) => parseAway({ text, lineBreaks: false }, 200, signal);
});
afterEach(() => vi.useRealTimers());

test("one worker reads one text after the other", async () => {
  expect(await Promise.all([parse("a"), parse("large"), parse("b")])).toEqual(["a", "large", "b"]);
  expect(FakeWorker.started).toHaveLength(1);
});

test("a text that takes too long ends the worker, and the next one starts another", async () => {
  const outcomes = Promise.all([parse("slow"), parse("a")]);
  await vi.advanceTimersByTimeAsync(200);
  expect(await outcomes).toEqual(["slow", "a"]);
  expect(FakeWorker.started.map((worker) => worker.ended)).toEqual([true, false]);
});

test("what nobody waits for any more is not read", async () => {
  const running = new AbortController();
  const waiting = new AbortController();
  const outcomes = Promise.all([parse("slow", running.signal), parse("a", waiting.signal)]);
  await vi.advanceTimersByTimeAsync(0);
  waiting.abort();
  running.abort();
  expect(await outcomes).toEqual(["slow", "slow"]);
  expect(FakeWorker.started).toHaveLength(1);
});

test("where the worker cannot be fetched, the next text tries again", async () => {
  FakeWorker.broken = true;
  expect(await parse("a")).toBe("slow");
  FakeWorker.broken = false;
  expect(await parse("a")).toBe("a");
});
