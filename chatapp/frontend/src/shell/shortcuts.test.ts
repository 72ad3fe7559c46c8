import { expect, test } from "vitest";
import { de } from "../i18n/de";
import { keyName } from "./shortcuts";

test("keys have the labels of a German keyboard", () => {
  expect(["Mod", "Shift", "Delete", "K"].map((key) => keyName(key, (name) => de[name]))).toEqual(["Strg", "Umschalt", "Entf", "K"]);
});
