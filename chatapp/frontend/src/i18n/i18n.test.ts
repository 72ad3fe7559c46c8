import { expect, test } from "vitest";
import { de } from "./de";
import { en, type Key } from "./en";
import boot from "../app/boot.js?raw";
import { fill, LANGUAGES } from ".";

const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

test("every text is there in German, with the same places for values", () => {
  for (const key of Object.keys(en) as Key[]) {
    expect(de[key], key).toBeTruthy();
    expect(places(de[key]), key).toEqual(places(en[key]));
  }
});

test("what begins before the programs knows the languages", () => {
  expect(boot).toContain(`LANGUAGES = ${JSON.stringify(Object.keys(LANGUAGES)).replace(",", ", ")};`);
});

test("a value that looks like a place is not filled again", () => {
  expect(fill("{title}", { title: "{name}", name: "x" })).toBe("{name}");
});
