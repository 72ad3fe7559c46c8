import { expect, test } from "vitest";
import { words } from "./words";

test.each([
  ["# Names\n\n- **Crumb & Co.** is `short`\n> and [friendly](https://example.org)", "Names\n\nCrumb & Co. is short\nand friendly"],
  ["2 ** 3 is 8, a*b and __init__ stay, as does -1", "2 ** 3 is 8, a*b and __init__ stay, as does -1"],
  ["see [the overview](https://exam", "see the overview"],
])("an excerpt is shown without the marks of Markdown: %s", (said, shown) => expect(words(said, 200)).toBe(shown));

test("an excerpt says that there is more", () => {
  expect(words("👩‍🚀 and so on", 80)).toBe("👩‍🚀 and so on");
  expect(words("🙂".repeat(80), 80)).toBe(`${"🙂".repeat(80)}…`);
});
