import { expect, test } from "vitest";
import type { Conversation } from "../api/types";
import { fill, type Translate } from "../i18n";
import { en } from "../i18n/en";
import { whatOf } from "./whatOf";

const t: Translate = (key, values = {}) => fill(en[key], values);
const called = (title: string): Conversation[] => [{ title } as Conversation];

test("a long title is cut at a word where a sentence tells of it", () => {
  expect(whatOf(called("Tea"), t)).toBe("“Tea”");
  expect(whatOf(called(""), t)).toBe("“Untitled”");
  expect(whatOf(called(`${"word ".repeat(7)}and more words`), t)).toBe(`“${"word ".repeat(7)}and…”`);
  expect(whatOf(called("茶".repeat(200)), t)).toBe(`“${"茶".repeat(40)}…”`);
});
