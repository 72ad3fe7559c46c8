import { beforeEach, expect, test, vi } from "vitest";
import { newlySent, Outbox, type Unsent } from "./outbox";

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

test("what the server has stored is taken out, and nothing else is touched", () => {
  const outbox = new Outbox("alice");
  outbox.add(unsent("1"));
  const before = outbox.store.get();
  outbox.acknowledge(["2"]);
  expect(outbox.store.get()).toBe(before);
  outbox.acknowledge(["2", "1"]);
  expect(new Outbox("alice").store.get()).toEqual([]);
});

test("a message that got another id is stored under that alone", () => {
  const outbox = new Outbox("alice");
  outbox.add(unsent("1"));
  outbox.renew("1", "2");
  expect(new Outbox("alice").store.get()).toMatchObject([{ id: "2", content: "hello" }]);
});

test("messages are in the order in which they were written, whichever tab wrote them", () => {
  const at = (id: string, minute: number): Unsent => ({ ...unsent(id), createdAt: `2026-01-01T00:0${minute}:00.000Z` });
  for (const one of [at("1", 3), at("2", 1)]) localStorage.setItem(`chatapp:outbox:alice:${one.id}`, JSON.stringify(one));
  const outbox = new Outbox("alice");
  expect(outbox.store.get().map(({ id }) => id)).toEqual(["2", "1"]);
  dispatchEvent(new StorageEvent("storage", { key: "chatapp:outbox:alice:3", newValue: JSON.stringify(at("3", 2)) }));
  expect(outbox.store.get().map(({ id }) => id)).toEqual(["2", "3", "1"]);
  expect(localStorage.getItem("chatapp:outbox:alice:3")).toBeNull(); // it is not written a second time
});

test("another person's messages are not shown, and nobody's once this person has left", () => {
  const leaving = new AbortController();
  const outbox = new Outbox("alice", leaving.signal);
  const tell = (userId: string): void => {
    dispatchEvent(new StorageEvent("storage", { key: `chatapp:outbox:${userId}:1`, newValue: JSON.stringify(unsent("1")) }));
  };
  tell("bob");
  leaving.abort();
  tell("alice");
  expect(outbox.store.get()).toEqual([]);
});

test("only a message that is new, and this person's, counts as one that another tab has just sent", () => {
  const told = (userId: string, oldValue: string | null): Unsent | null =>
    newlySent(new StorageEvent("storage", { key: `chatapp:outbox:${userId}:1`, oldValue, newValue: JSON.stringify(unsent("1")) }), "alice");
  expect(told("alice", null)).toMatchObject({ id: "1", content: "hello" });
  expect(told("alice", JSON.stringify(unsent("1")))).toBeNull();
  expect(told("bob", null)).toBeNull();
});

test("an entry of another release is completed, and what it cannot mean is left out", () => {
  const { model: _, editOf: __, refusal: ___, ...earlier } = { ...unsent("1"), state: "failed" as const };
  const entries = [earlier, { ...earlier, id: "2", model: 1, editOf: {}, refusal: { status: 500 } }];
  for (const entry of entries) localStorage.setItem(`chatapp:outbox:alice:${entry.id}`, JSON.stringify(entry));
  const completed = { ...earlier, model: null, editOf: null, projectId: null, refusal: null };
  expect(new Outbox("alice").store.get()).toEqual([completed, { ...completed, id: "2" }]);
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
  expect(outbox.store.get()).toEqual([]);
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
