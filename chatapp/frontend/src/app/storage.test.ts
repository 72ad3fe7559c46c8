import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { onlyHere, readText, writeText } from "./storage";

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

test("what a full storage refuses is read again, not what it had before", () => {
  const setItem = (): void => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => "older", setItem, removeItem: () => undefined });
  writeText("a", "newer");
  expect(readText("a")).toBe("newer");
  expect(onlyHere.get()).toBe(true);
  vi.unstubAllGlobals();
  writeText("a", "newest");
  expect(readText("a")).toBe("newest");
  expect(onlyHere.get()).toBe(false);
});

test("what another tab has forgotten does not come back", () => {
  writeText("b", "sent by now");
  localStorage.removeItem("chatapp:b");
  expect(readText("b")).toBeNull();
});
