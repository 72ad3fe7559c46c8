import { expect, test } from "vitest";
import { preferencesOf } from "./preferences";

test("settings of another shape are treated as not set", () => {
  const settings = { theme: "sepia", language: "tlh", defaultModel: 5, systemPrompt: ["Be brief."], formatOwnMessages: "no", retentionDays: "9", of: "another client" };
  expect(preferencesOf({ settings })).toEqual({ theme: null, language: null, defaultModel: null, systemPrompt: null, formatOwnMessages: true, retentionDays: null });
});

test("a language is known with its region too, however that is written", () => {
  for (const language of ["en", "en-GB", "en_US", "EN", "en_US.UTF-8"]) expect(preferencesOf({ settings: { language } }).language).toBe("en");
  for (const language of ["", "__proto__", "constructor", null, 1]) expect(preferencesOf({ settings: { language } }).language).toBeNull();
});
