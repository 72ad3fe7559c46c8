import { expect, test } from "vitest";
import { parseHere } from "./hereParser";

const here = (text: string): boolean => parseHere({ text, lineBreaks: false }) !== null;

test("what answers mostly consist of is read at once", async () => {
  for (const text of ["A sentence with **bold** words and `code`. ".repeat(20), "- an item\n".repeat(150), `\`\`\`py\n${"x = foo(*a, **b)[1]\n".repeat(500)}\`\`\`\n`]) {
    expect(here(text)).toBe(true);
    await new Promise((resolve) => setTimeout(resolve));
  }
});

test.each([
  ["emphasis", "*a_ ".repeat(2000)],
  ["labels", "![a](".repeat(2000)],
  ["formulas", "\\( ".repeat(2000)],
  ["quotes", ">".repeat(2000)],
  ["very long text", "word ".repeat(2000)],
  ["what follows code", `\`\`\`\n\`\`\`\n${"*a_ ".repeat(2000)}`],
])("much of what is slow is left to the worker: %s", (_, text) => expect(here(text)).toBe(false));

test("so is what no time is left for", async () => {
  const paragraphs = Array.from({ length: 2000 }, (_, at) => `*a_ ${at} `.repeat(60));
  expect(paragraphs.map(here)).toContain(false);
  await new Promise((resolve) => setTimeout(resolve));
  expect(here(paragraphs[0]!)).toBe(true);
});
