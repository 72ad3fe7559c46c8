import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reach } from "./client";
import { Unreachable } from "./errors";
import { keys } from "./keys";
import { queryClient } from "./queryClient";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  queryClient.clear();
  document.body.hidden = false;
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

const call = (): Request => new Request("http://localhost/api/models");

test("each call says whose data the page shows, and nobody's where nobody is signed in", async () => {
  const shown: (string | null)[] = [];
  vi.stubGlobal("fetch", ({ headers }: Request) => {
    shown.push(headers.get("Chatapp-User"));
    return Promise.resolve(new Response(""));
  });
  await reach(call());
  queryClient.setQueryData(keys.me, { id: "ada" });
  await reach(call());
  queryClient.setQueryData(keys.me, null);
  await reach(call());
  expect(shown).toEqual([null, "ada", null]);
});

test("a page whose cookie is somebody else's by now starts anew, and its calls neither succeed nor fail", async () => {
  const reload = vi.fn();
  vi.stubGlobal("location", { ...location, reload });
  const answer = (reason: string) => vi.stubGlobal("fetch", () => Promise.resolve(Response.json({ reason }, { status: 409 })));
  answer("turn_in_progress");
  expect((await reach(call())).status).toBe(409);
  expect(reload).not.toHaveBeenCalled();
  answer("other_user");
  const settled = vi.fn();
  void reach(call()).then(settled, settled);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(reload).toHaveBeenCalledOnce();
  expect(document.body.hidden).toBe(true);
  expect(settled).not.toHaveBeenCalled();
});
