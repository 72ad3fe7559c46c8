import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DraftWriter, NEW_CHAT, readDraft, writeDraft } from "./drafts";

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
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

/** Two tabs in which the person writes: a browser gives each its own `sessionStorage`. */
function twoTabs(conversationId: string): [DraftWriter, DraftWriter] {
  const mine = new DraftWriter("alice", conversationId);
  sessionStorage.clear();
  return [mine, new DraftWriter("alice", conversationId)];
}

function write(tab: DraftWriter, text: string): void {
  tab.typed(text);
  tab.flush();
}

test("a text that is shown is stored again when another tab has cleared it", () => {
  const mine = new DraftWriter("alice", "c");
  write(mine, "mine");
  writeDraft("alice", "c", "");
  mine.save("mine");
  expect(readDraft("alice", "c")).toBe("mine");
});

test("two texts for one conversation are both kept, whoever writes and leaves first", () => {
  const [mine, theirs] = twoTabs("c");
  write(mine, "mine");
  write(theirs, "theirs");
  write(mine, "mine, longer");
  theirs.save("theirs");
  mine.save("mine, longer");
  expect(theirs.others("theirs")).toMatchObject([{ text: "mine, longer" }]);
  expect(mine.others("mine, longer")).toMatchObject([{ text: "theirs" }]);
  sessionStorage.clear();
  const later = new DraftWriter("alice", "c");
  expect(later.text).toBe("mine, longer");
  expect(later.others(later.text)).toMatchObject([{ text: "theirs" }]);
});

test("a reload goes on with this tab's text, not with another's", () => {
  const [, theirs] = twoTabs("c");
  writeDraft("alice", "c", "mine");
  write(theirs, "theirs");
  expect(new DraftWriter("alice", "c").text).toBe("theirs");
});

test("a text that another tab has changed stays what it was where it is still shown", () => {
  write(new DraftWriter("alice", "c"), "first thought");
  const [mine, theirs] = twoTabs("c");
  write(theirs, "second thought");
  mine.save("first thought");
  expect([mine.text, theirs.text]).toEqual(["first thought", "second thought"]);
  expect(mine.others("first thought")).toMatchObject([{ text: "second thought" }]);
});

test("the text that is left is shown once the other one was sent", () => {
  const [mine, theirs] = twoTabs("c");
  write(mine, "mine");
  write(theirs, "theirs");
  write(mine, "");
  sessionStorage.clear();
  const later = new DraftWriter("alice", "c");
  expect(later.text).toBe("theirs");
  expect(later.others(later.text)).toEqual([]);
});

test("a text that another tab sent does not come back", () => {
  const writer = new DraftWriter("alice", "sent");
  writer.typed("mine");
  writer.flush();
  const sent = (content: string): StorageEvent => storageEvent("outbox:alice:1", JSON.stringify({ id: "1", conversationId: "sent", content, createdAt: "", state: "sending" }));
  expect(writer.sentElsewhere(sent("something else"), "mine")).toBe(false);
  expect(writer.sentElsewhere(sent("mine"), "mine")).toBe(true);
  writer.save("");
  expect(readDraft("alice", "sent")).toBe("");
});

test("what another tab added to the text stays", () => {
  const writer = new DraftWriter("alice", "on");
  writeDraft("alice", "on", "mine, and more");
  expect(writer.save("mine")).toBe("mine, and more");
});

test("an empty field does not overwrite another tab's text", () => {
  const writer = new DraftWriter("alice", "empty");
  writeDraft("alice", "empty", "theirs");
  writer.save("");
  expect(readDraft("alice", "empty")).toBe("theirs");
});

test("what is typed while a new chat becomes a conversation moves along", () => {
  const writer = new DraftWriter("alice", NEW_CHAT);
  writer.typed("the next thing");
  writer.moveTo("started", "the next thing");
  expect(readDraft("alice", "started")).toBe("the next thing");
  expect(readDraft("alice", NEW_CHAT)).toBe("");
});
