import { expect, test } from "vitest";
import type { Twig } from "../api/types";
import { treeRows } from "./treeRows";

const twig = (id: string, parentId: string | null): Twig =>
  ({ id, parentId, role: "user", status: "complete", model: null, createdAt: "2026-01-01T00:00:00Z", excerpt: id }) as Twig;

/** `a` was answered by `b` and by `x`; `x` was followed by `y`. */
const TREE = [twig("a", null), twig("b", "a"), twig("c", "b"), twig("x", "a"), twig("y", "x")];
const drawn = (twigs: Twig[], active: string | null): string[] => treeRows(twigs, active).map(({ twig: { id }, lane, shown }) => `${" ".repeat(lane)}${id}${shown ? "*" : ""}`);

test("the shown branch is one straight line, and the others stand where they leave it", () => {
  expect(drawn(TREE, "c")).toEqual(["a*", " x", " y", "b*", "c*"]);
  expect(drawn(TREE, "y")).toEqual(["a*", " b", " c", "x*", "y*"]);
});

test("other beginnings of the conversation are branches too", () => {
  expect(drawn([...TREE, twig("z", null)], "c")).toEqual([" z", "a*", " x", " y", "b*", "c*"]);
});

test("each row knows its parent, and what goes on below it", () => {
  const rows = treeRows(TREE, "c");
  expect(rows.map(({ parent }) => parent)).toEqual([-1, 0, 1, 0, 3]);
  expect(rows.map(({ goesOn }) => goesOn)).toEqual([true, true, false, true, false]);
  expect(rows.map(({ leaves }) => leaves)).toEqual([false, true, false, false, false]);
});

test("a conversation that is read from its last message drops no branch, however it is shaped", () => {
  const star = Array.from({ length: 5000 }, (_, at) => twig(`s${at}`, "a"));
  const line = Array.from({ length: 5000 }, (_, at) => twig(`l${at}`, at ? `l${at - 1}` : "a"));
  const tree = [twig("a", null), ...star, ...line];
  const rows = treeRows(tree, "l4999");
  expect(new Set(rows.map((row) => row.twig.id)).size).toBe(10_001);
  expect(rows.at(-1)).toMatchObject({ lane: 0, shown: true });
  const times = Array.from({ length: 5 }, () => {
    const started = performance.now();
    treeRows(tree, "l4999");
    return performance.now() - started;
  });
  expect(Math.min(...times)).toBeLessThan(300); // the fastest: a busy machine may interrupt the others
});

test("an empty conversation has no rows", () => {
  expect(treeRows([], null)).toEqual([]);
});
