import { afterEach, expect, test } from "vitest";
import type { Translate } from "../i18n";
import { dismiss, toasts } from "./toast";
import { done, doneInSight, forgetInSight, forgetSteps, undoable, undoLast } from "./undo";

const t: Translate = (key) => key;
const undone: string[] = [];
const act = (name: string): void => done(name, () => undone.push(name), t);

afterEach(() => {
  forgetSteps();
  undone.length = 0;
  for (const { id } of toasts.get()) dismiss(id);
});

test("steps are taken back one by one, the last one first, and their toasts go with them", () => {
  act("rename");
  act("archive");
  undoLast();
  expect(toasts.get().map(({ text }) => text)).toEqual(["rename"]);
  undoLast();
  undoLast();
  expect(undone).toEqual(["archive", "rename"]);
});

test("the button on an earlier toast takes back its own step, and no key takes it back again", () => {
  act("rename");
  act("archive");
  toasts.get()[0]!.action!.run();
  undoLast();
  expect(undone).toEqual(["rename", "archive"]);
  expect(undoable()).toBe(false);
});

test("what is seen anyway has no toast, and is taken back in its turn", () => {
  act("rename");
  doneInSight(() => undone.push("branch"));
  expect(toasts.get().map(({ text }) => text)).toEqual(["rename"]);
  undoLast();
  undoLast();
  expect(undone).toEqual(["branch", "rename"]);
});

test("what is no longer in sight is not taken back there", () => {
  act("rename");
  doneInSight(() => undone.push("branch"));
  forgetInSight();
  undoLast();
  undoLast();
  expect(undone).toEqual(["rename"]);
});

test("a step can be taken back after its toast is gone, but is no longer offered", () => {
  act("rename");
  expect(undoable(true)).toBe(true);
  dismiss(toasts.get()[0]!.id);
  expect([undoable(true), undoable()]).toEqual([false, true]);
});
