import { expect, test } from "vitest";
import type { Models, User } from "../api/types";
import { defaultModel } from "./defaultModel";

const user = { settings: { defaultModel: "old" } } as unknown as User;
const models = (...ids: string[]) => ({ items: ids.map((id) => ({ id })), default: ids[0] ?? null }) as Models;

test("the account's model is used while it is offered, or while the offer is unknown", () => {
  expect(defaultModel(user, models("new", "old"))).toBe("old");
  expect(defaultModel(user, models())).toBe("old");
  expect(defaultModel(user, undefined)).toBe("old");
});

test("a model that is no longer offered is not used", () => {
  expect(defaultModel(user, models("new"))).toBeNull();
});
