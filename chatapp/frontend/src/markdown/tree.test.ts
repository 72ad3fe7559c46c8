import { expect, test } from "vitest";
import type { Element } from "hast";
import { elementsOf } from "./elements.fixture";
import { treeOf } from "./tree";

test.each([
  ["Area \\(a^2\\).", "Area <formula>a^2</formula>."],
  ["so $x_1$ and $n$", "so <formula>x_1</formula> and <formula>n</formula>"],
  ["cost $O(1)$.", "cost <formula>O(1)</formula>."],
  ["the $n$th, $\\alpha$-helix", "the <formula>n</formula>th, <formula>\\alpha</formula>-helix"],
  ["公式$E=mc^2$表示", "公式<formula>E=mc^2</formula>表示"],
  ["so $$y$$", "so <formula>y</formula>"],
  ["$$y$$ $$z$$", "<formula>y</formula> <formula>z</formula>"],
  ["$$y$$", "<formula displayed>y</formula>"],
  ["\\[x = 1\\] follows", "<formula>x = 1</formula> follows"],
  ["\\$5 and $x^2$", "$5 and <formula>x^2</formula>"],
])("%s has a formula in a sentence", (text, expected) => expect(elementsOf(text)).toBe(`<p>${expected}</p>`));

test.each([
  ["\\[x = 1\\]", "x = 1"],
  ["$$\na\n+ b\n$$", "a\n+ b"],
  ["\\[\na &= b \\\\\n- c\n\\]", "a &= b \\\\\n- c"],
])("%s is a formula of its own", (text, formula) => expect(elementsOf(text)).toBe(`<formula displayed>${formula}</formula>`));

test.each([
  ["It costs $5, not $10."],
  ["US$5_000 and US$6_000"],
  ["from $5 to $10, then $1.50 for kale"],
  ["Run $FOO_BAR/$BAZ with $HOME/.config=$XDG_DIR/x and ${A}/${B}"],
  ["$$5 million"],
  ["list\\[0\\] and \\[1\\]", "list[0] and [1]"],
  ["\\( not closed", "( not closed"],
  ["\\[ not closed\n- item", "[ not closed\n- item"],
])("%s has no formula", (text, expected = text) => expect(elementsOf(text)).toBe(`<p>${expected}</p>`));

test.each([
  ["`$x^2$` \\*", "<p><code>$x^2$</code> *</p>"],
  ["```\n\\(a\\)\n```", "<pre><code>\\(a\\)\n</code></pre>"],
  ["> \\[\n> a\n> + b\n> \\]\n>\n> *after*", "<blockquote>\n<formula displayed>a\n+ b</formula>\n<p><em>after</em></p>\n</blockquote>"],
  ["- a\n\n  \\[\n  x\n  \\]\n\n  b", "<ul>\n<li>\n<p>a</p>\n<formula displayed>x</formula>\n<p>b</p>\n</li>\n</ul>"],
])("%s keeps what is around a formula", (text, expected) => expect(elementsOf(text)).toBe(expected));

test("cells have formulas, line breaks, subscripts and superscripts", () => {
  const cells = elementsOf("| a | b |\n|-|-|\n| \\[ x^2 \\] | \\(y\\)<br/>H<SUB>2</SUB>O m<sup>*2*</sup> |");
  expect(cells).toContain("<td><formula>x^2</formula></td>");
  expect(cells).toMatch(/<td><formula>y<\/formula><br>\s*H<sub>2<\/sub>O m<sup><em>2<\/em><\/sup><\/td>/);
});

test("any other HTML is text, and so is a tag that is not closed", () => {
  const tree = treeOf({ text: "<div onclick=x>\n<b>*a*</b> x<sup>2 <br class=x>\n</div>", lineBreaks: false })!;
  const tags = JSON.stringify(tree).match(/"tagName":"\w+"/g);
  expect(tags).toEqual(['"tagName":"p"', '"tagName":"em"']);
});

test.each([
  ["见 https://example.com/a，然后**继续**", '<p>见 <a href="https://example.com/a">https://example.com/a</a>，然后<strong>继续</strong></p>'],
  ["“https://a.com/x”", '<p>“<a href="https://a.com/x">https://a.com/x</a>”</p>'],
  ["http://a.b/c，http://d.e/f。", '<p><a href="http://a.b/c">http://a.b/c</a>，<a href="http://d.e/f">http://d.e/f</a>。</p>'],
  ["(www.x.com）", '<p>(<a href="http://www.x.com">www.x.com</a>）</p>'],
  ["[见 https://a.b/c，](https://d.e)", '<p><a href="https://d.e">见 https://a.b/c，</a></p>'],
  ["https://a.b/维基(x), y", '<p><a href="https://a.b/维基(x)">https://a.b/维基(x)</a>, y</p>'],
])("the bare links of %s end where the address does", (text, expected) => expect(elementsOf(text)).toBe(expected));

test("each block has a direction of its own", () => {
  const [list, paragraph, quote] = (treeOf({ text: "1. שלום\n   - a\n\nb\n\n> مرحبا", lineBreaks: false })!.children as Element[]).filter((node) => node.type === "element");
  expect(list!.properties.dir).toBe("rtl");
  expect(JSON.stringify(list)).toContain('{"type":"element","tagName":"ul","properties":{"dir":"ltr"}');
  expect(paragraph!.properties.dir).toBe("auto");
  expect(quote!.properties.dir).toBe("rtl");
});

test("lines that end stay so where they are asked for", () => {
  expect(elementsOf("a\nb *c*\nd", true)).toBe("<p>a<br>\nb <em>c</em><br>\nd</p>");
});

test("there is no tree of what the page could not show", () => {
  expect(treeOf({ text: ">".repeat(300), lineBreaks: false })).toBeNull();
  expect(treeOf({ text: "$x_1$ ".repeat(1000), lineBreaks: false })).toBeNull();
});
