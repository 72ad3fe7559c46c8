import { expect, test } from "vitest";
import type { Hit } from "../api/types";
import { filtersIn, hitPath, toggled, wordsIn } from "./terms";

test("filters are told from words and phrases, and what only looks like a filter is text", () => {
  const q = 'role:user tag:"my trip" blue „clear sky“ role:nobody http://x before:2026-01';
  expect(filtersIn(q)).toEqual(["role:user", 'tag:"my trip"', "before:2026-01"]);
  expect(wordsIn(q)).toEqual(["blue", "clear sky", "role:nobody", "http://x"]);
});

test("filters may be written in any case, as a phone writes them; only names keep theirs", () => {
  const q = "Role:User Is:starred Tag:Tea IN:TRASH Blue";
  expect(filtersIn(q)).toEqual(["role:user", "is:starred", "tag:Tea", "in:trash"]);
  expect(wordsIn(q)).toEqual(["Blue"]);
  expect(toggled(q, "role:user")).toBe("is:starred tag:Tea in:trash Blue");
});

test("a filter is put before the words, so that the last one may still be the beginning of a word", () => {
  expect(toggled('"clear sky" blu', "has:code")).toBe('has:code "clear sky" blu');
  expect(toggled('has:code "clear sky" blu', "has:code")).toBe('"clear sky" blu');
});

test("another role takes the place of the one before; other filters stay", () => {
  expect(toggled("is:starred role:user blue", "role:assistant")).toBe("role:assistant is:starred blue");
  expect(toggled("in:title blue", "in:trash")).toBe("in:trash in:title blue");
});

test("a link to a hit carries the query, whatever is in it", () => {
  const hit = { conversationId: "c", messageId: "m" } as Hit;
  expect(hitPath(hit, "a&b=c #1", "best")).toBe("/c/c/m/m?q=a%26b%3Dc+%231&sort=best");
  expect(hitPath({ ...hit, messageId: null }, "a", "newest")).toBe("/c/c");
});
