import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readText, unstored, writeText } from "./storage";

beforeEach(() => localStorage.clear());
afterEach(() => vi.unstubAllGlobals());

test("a text that a full storage refused is read back, not the older one that is stored", () => {
  const setItem = (): void => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => "older", setItem, removeItem: () => undefined });
  writeText("a", "newer");
  expect(readText("a")).toBe("newer");
  expect(unstored.get()).toBe(true);
  vi.unstubAllGlobals();
  writeText("a", "newest");
  expect(readText("a")).toBe("newest");
  expect(unstored.get()).toBe(false);
});

test("what another tab removed does not come back", () => {
  writeText("b", "sent by now");
  localStorage.removeItem("chatapp:b");
  expect(readText("b")).toBeNull();
});
