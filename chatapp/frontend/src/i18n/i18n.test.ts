import { expect, test } from "vitest";
import { de } from "./de";
import { en, type Key } from "./en";
import { fill } from ".";

const placeholders = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("every text has a German one with the same placeholders", () => {
  for (const key of Object.keys(en) as Key[]) {
    expect(de[key], key).toBeTruthy();
    expect(placeholders(de[key]), key).toEqual(placeholders(en[key]));
  }
});

test("a value that looks like a placeholder is not filled in again", () => {
  expect(fill("{title}", { title: "{name}", name: "x" })).toBe("{name}");
});
