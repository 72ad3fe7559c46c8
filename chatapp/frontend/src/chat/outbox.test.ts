import { beforeEach, expect, test, vi } from "vitest";
import { Outbox, type Unsent } from "./outbox";

const unsent = (id: string): Unsent => ({
  id,
  conversationId: "c",
  content: "hello",
  createdAt: "2026-01-01T00:00:00.000Z",
  model: null,
  editOf: null,
  state: "sending",
  refusal: null,
});

beforeEach(() => localStorage.clear());

test("a message that was being sent when the page was left is sent again under its id", () => {
  new Outbox("alice").add(unsent("1"));
  expect(new Outbox("alice").get("1")).toMatchObject({ content: "hello", state: "waiting" });
});

test("a failed message stays failed until the person sends it again", () => {
  const outbox = new Outbox("alice");
  outbox.add(unsent("1"));
  const refusal = { status: 422, reason: "invalid_input", faults: [{ field: "content", reason: "too_long", limit: 5 }], retryAfter: null } as const;
  outbox.change("1", { state: "failed", refusal });
  expect(new Outbox("alice").get("1")).toMatchObject({ state: "failed", refusal });
});

test("an acknowledged message is gone for good", () => {
  const outbox = new Outbox("alice");
  outbox.add(unsent("1"));
  outbox.remove("1");
  expect(new Outbox("alice").store.get()).toEqual([]);
});

test("a message that a full storage refused is there when the person has logged out and in", () => {
  const setItem = (): void => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => null, setItem, removeItem: () => undefined });
  new Outbox("carol").add(unsent("1"));
  expect(new Outbox("carol").get("1")).toMatchObject({ content: "hello", state: "waiting" });
  vi.unstubAllGlobals();
});

test("two tabs that send at once do not overwrite each other", () => {
  const [first, second] = [new Outbox("alice"), new Outbox("alice")];
  first.add(unsent("1"));
  second.add(unsent("2"));
  expect(new Outbox("alice").store.get().map(({ id }) => id)).toEqual(["1", "2"]);
});

test("what another tab sent or discarded is gone here too", () => {
  const outbox = new Outbox("alice");
  outbox.add(unsent("1"));
  localStorage.clear();
  dispatchEvent(new StorageEvent("storage", { key: "chatapp:outbox:alice:1", newValue: null }));
  expect(outbox.get("1")).toBeUndefined();
});

test("changing a message that is gone does not bring it back", () => {
  const outbox = new Outbox("alice");
  outbox.change("1", { state: "failed" });
  expect(new Outbox("alice").store.get()).toEqual([]);
});

test("entries of another shape are left alone and hide no others", () => {
  const garbage = ["null", "5", "[]", "{}", '{"id": 1}', '{"id": "2", "content": "cut o', JSON.stringify({ ...unsent("3"), state: "flying" })];
  garbage.forEach((text, at) => localStorage.setItem(`chatapp:outbox:alice:x${at}`, text));
  new Outbox("alice").add(unsent("1"));
  const outbox = new Outbox("alice");
  for (const newValue of garbage) dispatchEvent(new StorageEvent("storage", { key: "chatapp:outbox:alice:x", newValue }));
  expect(outbox.store.get().map(({ id }) => id)).toEqual(["1"]);
  expect(localStorage.getItem("chatapp:outbox:alice:x0")).toBe("null");
});
