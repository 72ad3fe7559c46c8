import { expect, test } from "vitest";
import { BlockCutter } from "./blocks";

const sample = "# Title\n\nOne *two*\nthree.\n\n- a\n- b\n\n  more b\n\n```py\nx = 1\n\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.";

test("blocks put together are the text", () => {
  expect(new BlockCutter().cut(sample).join("")).toBe(sample);
  expect(new BlockCutter().cut(sample)).toHaveLength(6);
});

test("text that grows letter by letter is cut as if it had come at once", () => {
  const cutter = new BlockCutter();
  for (let at = 1; at < sample.length; at += 1) expect(cutter.cut(sample.slice(0, at)).join("")).toBe(sample.slice(0, at));
  expect(cutter.cut(sample)).toEqual(new BlockCutter().cut(sample));
});

test("a blank line inside code does not cut it", () => {
  expect(new BlockCutter().cut("```\na\n\nb\n```\n")).toEqual(["```\na\n\nb\n```\n"]);
});

test("text with references is one block, so that they are found", () => {
  expect(new BlockCutter().cut("See [a].\n\n[a]: https://example.org\n")).toHaveLength(1);
});

test("another text starts anew", () => {
  const cutter = new BlockCutter();
  cutter.cut("one\n\ntwo\n\nthree\n\nfour");
  expect(cutter.cut("other")).toEqual(["other"]);
});
