import { beforeEach, expect, test } from "vitest";
import { choose, clearSelection, selection } from "./selection";

const ORDER = ["a", "b", "c", "d", "e"];
const chosen = () => [...(selection.get() ?? [])].sort().join("");

beforeEach(clearSelection);

test("choosing one again takes it out, and the last one out ends selecting", () => {
  choose("b");
  choose("d");
  expect(chosen()).toBe("bd");
  choose("b");
  expect(chosen()).toBe("d");
  choose("d");
  expect(selection.get()).toBeNull();
});

test("a range goes from the last one chosen to this one, in either direction, and keeps the others", () => {
  choose("a");
  choose("e");
  choose("c", ORDER);
  expect(chosen()).toBe("acde");
  choose("b", ORDER);
  expect(chosen()).toBe("abcde");
});

test("a range without a beginning in the list chooses the one", () => {
  choose("c", ORDER);
  expect(chosen()).toBe("c");
  choose("gone");
  choose("e", ORDER);
  expect(chosen()).toBe("cegone");
});
