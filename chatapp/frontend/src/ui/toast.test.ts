import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { hold, release, toast, toasts } from "./toast";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a toast disappears by itself, but not while somebody points at it", () => {
  toast("Deleted.", { action: { label: "Undo", run: () => undefined } });
  const [shown] = toasts.get();
  hold(shown!);
  vi.advanceTimersByTime(60_000);
  expect(toasts.get()).toHaveLength(1);
  release(shown!);
  vi.advanceTimersByTime(9_000);
  expect(toasts.get()).toHaveLength(1);
  vi.advanceTimersByTime(2_000);
  expect(toasts.get()).toHaveLength(0);
});
