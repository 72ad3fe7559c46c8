import { afterEach, expect, test, vi } from "vitest";
import { firstCharacter } from "./firstCharacter";

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
