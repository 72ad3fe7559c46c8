import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listen, MISSED, type Change } from "./events";

class SilentEventSource {
  close(): void {}
  addEventListener(): void {}
}
const setHidden = (hidden: boolean): void => {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  document.dispatchEvent(new Event("visibilitychange"));
};
let changes: Change[];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", SilentEventSource);
  changes = [];
  stop = listen("alice", (change) => changes.push(change));
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a tab that was hidden for a while fetches what it may have missed", () => {
  setHidden(true);
  vi.advanceTimersByTime(120_000);
  setHidden(false);
  expect(changes.map(({ type }) => type)).toEqual([MISSED]);
});

test("a tab that was hidden for a moment has missed nothing", () => {
  setHidden(true);
  vi.advanceTimersByTime(5000);
  setHidden(false);
  expect(changes).toEqual([]);
});
