import { expect, test } from "vitest";
import { LANGUAGES } from "../i18n";
import boot from "./boot.js?raw";

test("the script before the first paint knows the page's languages", () => {
  expect(boot).toContain(`LANGUAGES = ${JSON.stringify(Object.keys(LANGUAGES)).replace(",", ", ")};`);
});
