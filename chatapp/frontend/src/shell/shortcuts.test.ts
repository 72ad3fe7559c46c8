import { expect, test } from "vitest";
import { de } from "../i18n/de";
import { keyName } from "./shortcuts";

test("a key is called what stands on a German keyboard", () => {
  expect(["Mod", "Shift", "Delete", "K"].map((key) => keyName(key, (name) => de[name]))).toEqual(["Strg", "Umschalt", "Entf", "K"]);
});
