import { afterEach, expect, test, vi } from "vitest";
import { beginning, firstCharacter } from "./firstCharacter";

const FAMILY = "👨‍👩‍👧‍👦";

afterEach(() => vi.unstubAllGlobals());

test("a joined emoji is one character", () => {
  expect(firstCharacter(`${FAMILY} Family`)).toBe(FAMILY);
  expect(firstCharacter("Ada")).toBe("A");
  expect(firstCharacter("")).toBe("");
});

test("without Intl.Segmenter no surrogate is cut off", () => {
  vi.stubGlobal("Intl", {});
  expect(firstCharacter("😀 Ada")).toBe("😀");
});

test("the beginning of a text ends before a character that would be cut", () => {
  expect(beginning(`Tea ${FAMILY}`, 8)).toBe("Tea ");
  expect(beginning("Tea", 3)).toBe("Tea");
  vi.stubGlobal("Intl", {});
  expect(beginning("Tea 😀", 5)).toBe("Tea ");
});
