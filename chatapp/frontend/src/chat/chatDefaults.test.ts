import { expect, test } from "vitest";
import type { Models, Project, User } from "../api/types";
import { defaultsOf, differing, usualModel } from "./chatDefaults";

const models: Models = { items: [{ id: "small" }, { id: "large" }], default: "small" };
const user = { settings: { defaultModel: "large", systemPrompt: "Be brief." } } as unknown as User;

test("a chat that goes by the person's defaults differs in nothing", () => {
  expect(differing({ model: "large", systemPrompt: "Be brief.", temperature: null, topP: null, maxTokens: null }, defaultsOf(user, models, undefined), models, undefined)).toEqual([]);
});

test("each setting that differs is named, a missing system prompt too", () => {
  expect(differing({ model: "small", systemPrompt: null, temperature: 0, topP: 0.5, maxTokens: 100 }, defaultsOf(user, models, undefined), models, undefined)).toEqual(["model", "systemPrompt", "temperature", "topP", "maxTokens"]);
});

test("the server's default model is the same, whether it is named or not", () => {
  const nobody = { settings: {} } as unknown as User;
  expect(differing({ model: "small", systemPrompt: "", temperature: null, topP: null, maxTokens: null }, defaultsOf(nobody, models, undefined), models, undefined)).toEqual([]);
});

test("a chat in a project goes by what the project has, and by the person's defaults for the rest", () => {
  const project = { model: "small", systemPrompt: null } as Project;
  const defaults = defaultsOf(user, models, project);
  expect(defaults).toMatchObject({ model: null, systemPrompt: "Be brief." });
  expect(usualModel(models, { ...project, model: "large" })).toBe("large");
  expect(differing({ ...defaults, model: "small" }, defaults, models, project)).toEqual([]);
  expect(differing({ ...defaults, model: "large" }, defaults, models, project)).toEqual(["model"]);
});
