import { expect, test } from "vitest";
import { mathToDollars } from "./math";

test.each([
  ["Area \\(a^2\\).", "Area $$a^2$$."],
  ["\\[x = 1\\]", "\n$$\nx = 1\n$$\n"],
  ["so $x_1$ and $n$", "so $$x_1$$ and $$n$$"],
  ["cost $O(1)$.", "cost $$O(1)$$."],
  ["$$y$$", "$$y$$"],
])("%s is a formula", (text, expected) => expect(mathToDollars(text)).toBe(expected));

test.each(["It costs $5, not $10.", "`$x^2$` in code", "```\n\\(a\\)\n```", "US$5_000 and US$6_000"])(
  "%s stays as it is",
  (text) => expect(mathToDollars(text)).toBe(text),
);
