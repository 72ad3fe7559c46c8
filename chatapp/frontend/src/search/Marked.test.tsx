import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { Marked } from "./Marked";

test.each([
  ["# How tea is made: **bold** and `code`", "bold", "How tea is made: <mark>bold</mark> and code"],
  ["… ## Steps 2. Add **the leaves** now", "leaves", "… Steps 2. Add the <mark>leaves</mark> now"],
  ["C# and 2 ** 3, see https://example.org/#top", "C", "<mark>C</mark># and 2 ** 3, see https://example.org/#top"],
  ["🫖 tea", "tea", "🫖 <mark>tea</mark>"],
])("what is found is marked, and the marks of Markdown are not shown: %s", (text, found, shown) => {
  const start = text.indexOf(found);
  expect(renderToStaticMarkup(<Marked text={text} places={[[start, start + found.length]]} />)).toBe(shown);
});

test("a text in which nothing was found is shown whole", () => {
  expect(renderToStaticMarkup(<Marked text="**Tea**" places={[]} />)).toBe("Tea");
});
