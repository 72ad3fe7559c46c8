import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openStorage, readText, storedNames, unstored, writeText } from "./storage";

const database = new Map<string, string>();
let disabled = false;

async function call<Result>(work: () => Result): Promise<Result> {
  await Promise.resolve();
  if (disabled) throw new DOMException("disabled", "InvalidStateError");
  return work();
}

vi.mock("idb-keyval", () => ({
  entries: () => call(() => [...database]),
  set: (name: string, text: string) => call(() => void database.set(name, text)),
  del: (name: string) => call(() => void database.delete(name)),
}));

beforeEach(() => localStorage.clear());
afterEach(() => {
  vi.unstubAllGlobals();
  disabled = false;
});

function fill(): void {
  const setItem = (): void => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => "older", setItem, removeItem: () => undefined });
}

test("a text that a full storage refused is read back, not the older one that is stored", () => {
  fill();
  writeText("a", "newer");
  expect(readText("a")).toBe("newer");
  expect(storedNames("a")).toEqual(["a"]);
  vi.unstubAllGlobals();
  writeText("a", "newest");
  expect(readText("a")).toBe("newest");
  expect(storedNames("a")).toEqual(["a"]);
});

test("a text that a full storage refused is there after a reload, until it is removed", async () => {
  fill();
  writeText("c", "kept");
  await vi.waitFor(() => expect(database.get("c")).toBe("kept"));
  expect(unstored.get()).toBe(false);
  vi.resetModules();
  const reloaded = await import("./storage");
  await reloaded.openStorage();
  expect(reloaded.storedNames("c")).toEqual(["c"]);
  expect(reloaded.readText("c")).toBe("kept");
  reloaded.writeText("c", null);
  await vi.waitFor(() => expect(database.size).toBe(0));
});

test("what is nowhere but in this tab is reported, for as long as it is", async () => {
  fill();
  disabled = true;
  writeText("d", "only here");
  await vi.waitFor(() => expect(unstored.get()).toBe(true));
  writeText("d", null);
  await vi.waitFor(() => expect(unstored.get()).toBe(false));
});

test("a page without IndexedDB opens, and so does one where it never answers", async () => {
  disabled = true;
  await openStorage();
  disabled = false;
  vi.useFakeTimers();
  database.set("e", "never read");
  const opened = openStorage();
  await vi.runAllTimersAsync();
  await opened;
  vi.useRealTimers();
});

test("what another tab removed does not come back", () => {
  writeText("b", "sent by now");
  localStorage.removeItem("chatapp:b");
  expect(readText("b")).toBeNull();
});
