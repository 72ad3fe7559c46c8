/** Answers of models that were once shown wrongly (tests/cases/markdown). */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { elementsOf } from "./elements.fixture";
import { treeOf } from "./tree";

const read = (name: string): string => readFileSync(`../../tests/cases/markdown/${name}.md`, "utf8");

test("money and variables of a shell are no formulas", () => {
  expect(elementsOf(read("01_currency_env"))).toBe(
    "<p>Revenue rose from $5 to $10, then <strong>$1.50</strong> for kale and <strong>Marginal Revenue (MR)</strong> of $1.50.</p>\n" +
      "<p>Run $FOO_BAR/$BAZ first, then set $HOME/.config=$XDG_DIR/x now.</p>",
  );
});

test("indented code is shown as it is written", () => {
  expect(elementsOf(read("02_indented_code"))).toContain("<pre><code>total=$a_b$c\necho done\n</code></pre>");
});

test("a formula in a list stays in its item", () => {
  expect(elementsOf(read("04_formula_in_list"))).toMatch(
    /<ol>\s*<li>First step:\s*<ul>\s*<li>nested formula:\s*<formula displayed>x = 1 <\/formula>\s*where <strong>x<\/strong> is one<\/li>\s*<li>second nested<\/li>\s*<\/ul>\s*<\/li>\s*<li>Second step/,
  );
});

test("Chinese punctuation inside emphasis does not keep it from ending", () => {
  expect(elementsOf(read("05_cjk_bold"))).toBe("<p>在<strong>“工具性智能”</strong>方面。<strong>开源：</strong>代码是公开的。</p>");
});

test("a bare link ends at Chinese punctuation", () => {
  expect(elementsOf(read("06_cjk_autolink"))).toBe('<p>见 <a href="https://example.com/a">https://example.com/a</a>，然后继续。</p>');
});

test("each paragraph is written in its own direction", () => {
  const paragraphs = treeOf({ text: read("12_rtl"), lineBreaks: false })!.children.filter((node) => node.type === "element");
  expect(paragraphs.map((node) => node.properties.dir)).toEqual(["auto", "auto", "auto"]);
});
