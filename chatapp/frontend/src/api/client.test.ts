import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reach } from "./client";
import { Unreachable } from "./errors";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("a silent server counts as unreachable", async () => {
  vi.stubGlobal("fetch", (_: Request, { signal }: RequestInit) => new Promise((__, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error))));
  const call = reach(new Request("http://localhost/api/models")).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(await call).toBeInstanceOf(Unreachable);
});

test("a response that has started may take as long as it needs", async () => {
  let dead: AbortSignal | undefined;
  vi.stubGlobal("fetch", (_: Request, { signal }: RequestInit) => {
    dead = signal!;
    return Promise.resolve(new Response(""));
  });
  await reach(new Request("http://localhost/api/models"));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(dead?.aborted).toBe(false);
});
