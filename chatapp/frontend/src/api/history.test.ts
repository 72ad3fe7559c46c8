import { expect, test } from "vitest";
import type { Message } from "./types";
import { EMPTY, withMessage, withNewerPage, withNewestPage, withOlderPage, withStretch } from "./history";

const message = (id: string, parentId: string | null, content = id): Message => ({
  id,
  parentId,
  content,
  userId: "u",
  conversationId: "c",
  role: "user",
  status: "complete",
  createdAt: "2026-01-01T00:00:00.000Z",
});
const ids = (history: { items: readonly Message[] }): string => history.items.map((item) => item.id).join("");

const chain = (letters: string): Message[] =>
  [...letters].map((letter, at) => message(letter, at ? letters[at - 1]! : null));

test("a newer page is merged with the older messages that were loaded", () => {
  const before = { items: chain("abcd"), olderCursor: "x" };
  const after = withNewestPage(before, { items: chain("cdef"), nextCursor: "y" });
  expect(ids(after)).toBe("abcdef");
  expect(after.olderCursor).toBe("x");
});

test("a page that does not overlap replaces everything, so that no gap is shown", () => {
  const after = withNewestPage({ items: chain("ab"), olderCursor: null }, { items: chain("xyz"), nextCursor: "y" });
  expect(ids(after)).toBe("xyz");
  expect(after.olderCursor).toBe("y");
});

test("unchanged messages stay the same objects", () => {
  const before = { items: chain("ab"), olderCursor: null };
  const after = withNewestPage(before, { items: chain("ab"), nextCursor: null });
  expect(after.items[1]).toBe(before.items[1]);
});

test("older messages come first, each once", () => {
  const after = withOlderPage({ items: chain("cd"), olderCursor: "x" }, { items: chain("abc"), nextCursor: null });
  expect(ids(after)).toBe("abcd");
});

test("another answer replaces its sibling and everything after it", () => {
  const after = withMessage({ items: chain("abcd"), olderCursor: null }, message("z", "a"));
  expect(ids(after)).toBe("az");
});

test("a known message is replaced in its place", () => {
  const after = withMessage({ items: chain("abc"), olderCursor: null }, message("b", "a", "new"));
  expect(after.items.map((item) => item.content)).toEqual(["a", "new", "c"]);
});

test("the first message of a conversation needs no parent", () => {
  expect(ids(withMessage(EMPTY, message("a", null)))).toBe("a");
});

test("newer messages follow those around a linked one, each once", () => {
  const after = withNewerPage({ items: chain("bc"), olderCursor: "x", newerCursor: "y" }, { items: chain("abcde").slice(2), nextCursor: null, previousCursor: null });
  expect(ids(after)).toBe("bcde");
  expect(after).toMatchObject({ olderCursor: "x", newerCursor: null });
});

test("what is around a linked message is put before the end of the conversation where the two meet", () => {
  const newest = { items: chain("abcdefg").slice(4), olderCursor: "gap" };
  const stretch = { items: chain("abcdef").slice(1), olderCursor: "x", newerCursor: "y" };
  expect(withStretch(newest, stretch)).toEqual({ items: chain("abcdefg").slice(1), olderCursor: "x" });
});

test("what does not meet the end of the conversation leaves it as it is, so that no gap is shown", () => {
  const newest = { items: chain("abcdefg").slice(4), olderCursor: "gap" };
  expect(withStretch(newest, { items: chain("abc"), olderCursor: null, newerCursor: "y" })).toBe(newest);
});

test("an edit replaces its sibling, also where their parent is not loaded", () => {
  const after = withMessage({ items: chain("abcd").slice(1), olderCursor: "x" }, message("z", "a"));
  expect(ids(after)).toBe("z");
  expect(ids(withMessage({ items: chain("abcd"), olderCursor: null }, message("z", null)))).toBe("z");
});
