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

test.each([
  ["a blank line in code", "```\na\n\nb\n```\n"],
  ["a fence in code with a longer one", "````\n```\n\na\n```\n\nb\n````\n"],
  ["code in a list", "- a\n\n  ```\n  x\n\n  y\n  ```\n\n- b\n"],
  ["blank lines between items", "1. a\n\n2. b\n\n   more\n"],
  ["an operator that begins a line of a formula", "\\[\na\n+ b\n= c\n\\]\n"],
  ["indented code with a blank line", "Use:\n\n    a\n\n    b\n"],
])("%s does not end a block", (_, text) => expect(new BlockSplitter().split(text)).toEqual([text]));

test.each([
  ["code", "```\na\n```\n", "text\n"],
  ["a list", "- a\n- b\n\n", "text\n"],
  ["a paragraph before a heading", "text\n", "# Title\n"],
  ["a paragraph before code", "text\n", "```\na\n"],
  ["code in a list that is not closed", "- ```\n  a\n\n", "text\n"],
])("%s ends with the next line", (_, first, second) => expect(new BlockSplitter().split(first + second)).toEqual([first, second]));

test("text with references is one block, so that they resolve", () => {
  expect(new BlockSplitter().split("See [a].\n\n[a]: https://example.org\n")).toHaveLength(1);
});

test("another text starts over", () => {
  const splitter = new BlockSplitter();
  splitter.split("one\n\ntwo\n\nthree\n\nfour");
  expect(splitter.split("other")).toEqual(["other"]);
});
