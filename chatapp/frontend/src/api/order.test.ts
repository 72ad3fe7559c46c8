import { expect, test } from "vitest";
import { inverse } from "./order";
import type { Conversation } from "./types";

const one = (id: string, tags: string[] = [], projectId: string | null = null): Conversation => ({ id, tags, projectId }) as Conversation;

test("undoing a tag leaves it on those that had it before", () => {
  const [plain, tagged] = [one("a"), one("b", ["work"])];
  expect(inverse({ items: [plain, tagged], change: { action: "tag", tag: "work" } })).toEqual([
    { items: [plain], change: { action: "untag", tag: "work" } },
  ]);
  expect(inverse({ items: [plain, tagged], change: { action: "untag", tag: "work" } })).toEqual([
    { items: [tagged], change: { action: "tag", tag: "work" } },
  ]);
});

test("undoing a move puts each conversation back where it was", () => {
  const [a, b, c] = [one("a", [], "p"), one("b"), one("c", [], "p")];
  expect(inverse({ items: [a, b, c], change: { action: "move", projectId: "q" } })).toEqual([
    { items: [a, c], change: { action: "move", projectId: "p" } },
    { items: [b], change: { action: "move", projectId: null } },
  ]);
});

test("archiving and deleting are undone, deleting for good is not", () => {
  expect(inverse({ items: [one("a")], change: { action: "archive" } })[0]!.change.action).toBe("unarchive");
  expect(inverse({ items: [one("a")], change: { action: "trash" } })[0]!.change.action).toBe("restore");
  expect(inverse({ items: [one("a")], change: { action: "delete" } })).toEqual([]);
});
