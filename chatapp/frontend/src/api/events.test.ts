import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { listen, MISSED, type Change } from "./events";

class Silent {
  close(): void {}
  addEventListener(): void {}
}
const look = (hidden: boolean): void => {
  vi.spyOn(document, "hidden", "get").mockReturnValue(hidden);
  document.dispatchEvent(new Event("visibilitychange"));
};
let told: Change[];
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", Silent);
  told = [];
  stop = listen("alice", (change) => told.push(change));
});
afterEach(() => {
  stop();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test("a tab that comes back after a while fetches what it may have missed", () => {
  look(true);
  vi.advanceTimersByTime(120_000);
  look(false);
  expect(told.map(({ type }) => type)).toEqual([MISSED]);
});

test("a tab that was left for a moment has missed nothing", () => {
  look(true);
  vi.advanceTimersByTime(5000);
  look(false);
  expect(told).toEqual([]);
});
