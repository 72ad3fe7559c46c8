import { expect, test } from "vitest";
import { BlockSplitter } from "./blocks";

const sample = "# Title\n\nOne *two*\nthree.\n\n- a\n- b\n\n  more b\n\n```py\nx = 1\n\ny = 2\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nEnd.";

test("the blocks joined are the text", () => {
  expect(new BlockSplitter().split(sample).join("")).toBe(sample);
  expect(new BlockSplitter().split(sample)).toHaveLength(6);
});

test("text that grows letter by letter is split as if it had come at once", () => {
  const splitter = new BlockSplitter();
  for (let at = 1; at < sample.length; at += 1) expect(splitter.split(sample.slice(0, at)).join("")).toBe(sample.slice(0, at));
  expect(splitter.split(sample)).toEqual(new BlockSplitter().split(sample));
});

test("a blank line inside code does not split it", () => {
  expect(new BlockSplitter().split("```\na\n\nb\n```\n")).toEqual(["```\na\n\nb\n```\n"]);
});

test("text with references is one block, so that they resolve", () => {
  expect(new BlockSplitter().split("See [a].\n\n[a]: https://example.org\n")).toHaveLength(1);
});

test("another text starts over", () => {
  const splitter = new BlockSplitter();
  splitter.split("one\n\ntwo\n\nthree\n\nfour");
  expect(splitter.split("other")).toEqual(["other"]);
});
