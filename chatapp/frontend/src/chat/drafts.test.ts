import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DraftWriter, NEW_CHAT, readDraft, writeDraft } from "./drafts";

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test("drafts are kept by conversation and by person", () => {
  writeDraft("alice", "one", "first");
  writeDraft("alice", NEW_CHAT, "second");
  expect(readDraft("alice", "one")).toBe("first");
  expect(readDraft("alice", NEW_CHAT)).toBe("second");
  expect(readDraft("bob", "one")).toBe("");
});

test("the text is stored when the typing pauses", () => {
  const writer = new DraftWriter("alice", "paused");
  writer.typed("h");
  writer.typed("hello");
  expect(readDraft("alice", "paused")).toBe("");
  vi.advanceTimersByTime(200);
  expect(readDraft("alice", "paused")).toBe("hello");
});

test("leaving the page stores what was not stored yet", () => {
  const writer = new DraftWriter("alice", "one");
  writer.typed("almost lost");
  writer.flush();
  expect(readDraft("alice", "one")).toBe("almost lost");
});

test("a draft that the browser refuses to store is kept until the page is closed", () => {
  const setItem = (): void => {
    throw new DOMException("full", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => null, setItem });
  writeDraft("alice", "two", "kept");
  vi.unstubAllGlobals();
  expect(readDraft("alice", "two")).toBe("kept");
});

const storageEvent = (key: string, newValue: string | null): StorageEvent => new StorageEvent("storage", { key: `chatapp:${key}`, newValue });

test("a text that is shown is stored again when another tab has cleared or replaced it", () => {
  for (const theirs of ["", "something else"]) {
    const writer = new DraftWriter("alice", "two tabs");
    writer.typed("mine");
    writer.flush();
    writeDraft("alice", "two tabs", theirs);
    writer.changedElsewhere(storageEvent("draft:alice:two tabs", theirs || null), "mine");
    writer.save();
    expect(readDraft("alice", "two tabs")).toBe("mine");
  }
});

test("a text that another tab sent does not come back", () => {
  const writer = new DraftWriter("alice", "sent");
  writer.typed("mine");
  writer.flush();
  const sent = (content: string): StorageEvent => storageEvent("outbox:alice:1", JSON.stringify({ id: "1", conversationId: "sent", content, createdAt: "", state: "sending" }));
  expect(writer.sentElsewhere(sent("something else"), "mine")).toBe(false);
  expect(writer.sentElsewhere(sent("mine"), "mine")).toBe(true);
  writeDraft("alice", "sent", "");
  writer.changedElsewhere(storageEvent("draft:alice:sent", null), "");
  writer.save();
  expect(readDraft("alice", "sent")).toBe("");
});

test("what another tab added to the text stays", () => {
  const writer = new DraftWriter("alice", "on");
  writeDraft("alice", "on", "mine, and more");
  writer.changedElsewhere(storageEvent("draft:alice:on", "mine, and more"), "mine");
  expect(writer.save()).toBe("mine, and more");
});

test("an empty field does not overwrite another tab's text", () => {
  const writer = new DraftWriter("alice", "empty");
  writeDraft("alice", "empty", "theirs");
  writer.changedElsewhere(storageEvent("draft:alice:empty", "theirs"), "");
  writer.save();
  expect(readDraft("alice", "empty")).toBe("theirs");
});

test("what is typed while a new chat becomes a conversation moves along", () => {
  const writer = new DraftWriter("alice", NEW_CHAT);
  writer.typed("the next thing");
  writer.moveTo("started");
  expect(readDraft("alice", "started")).toBe("the next thing");
  expect(readDraft("alice", NEW_CHAT)).toBe("");
});
