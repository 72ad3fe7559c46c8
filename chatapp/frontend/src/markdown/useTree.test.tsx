import { act } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { emptyPage } from "../ui/page.fixture";
import type { Outcome } from "./awayParser";
import type { Job } from "./tree";
import { useTree } from "./useTree";

const away: { text: string; signal: AbortSignal; answer(outcome: Outcome): Promise<void> }[] = [];

vi.mock("./awayParser", () => ({
  parseAway: ({ text }: Job, _most: number, signal: AbortSignal) =>
    new Promise<Outcome>((resolve) => {
      away.push({ text, signal, answer: (outcome) => act(async () => resolve(outcome)) });
    }),
}));

const SLOW = "*a_ ".repeat(2000);
const treeNamed = (value: string): Outcome => ({ type: "root", children: [{ type: "text", value }] });

const page = emptyPage();

function Shown({ text }: { text: string }) {
  const { tree, failure, ask, cancel } = useTree(text, false);
  const first = tree?.children[0];
  return (
    <button onClick={cancel ?? ask} title={failure ?? ""}>
      {first?.type === "text" ? first.value : (first?.type ?? "as written")}
    </button>
  );
}

const show = (text: string): Promise<void> => page.show(<Shown text={text} />);
const press = (): Promise<void> => act(async () => page.box.querySelector("button")!.click());

beforeEach(() => {
  away.length = 0;
});

test("what is cheap is there at once", async () => {
  await show("*a*");
  expect(page.box.textContent).toBe("element");
  expect(away).toEqual([]);
});

test("while more text comes, the elements of the text before stay", async () => {
  await show("*a*");
  await show(SLOW);
  expect(page.box.textContent).toBe("element");
  await show(`${SLOW}more`);
  expect(away).toHaveLength(1); // one at a time
  await away[0]!.answer(treeNamed("first"));
  expect(page.box.textContent).toBe("first");
  expect(away[1]!.text).toBe(`${SLOW}more`);
  await away[1]!.answer(treeNamed("second"));
  expect(page.box.textContent).toBe("second");
});

test("what takes too long is shown as it was written, until the person asks for more", async () => {
  const text = `${SLOW}asked for`;
  await show(text);
  await away[0]!.answer("slow");
  expect(page.box.querySelector("button")!.title).toBe("slow");
  await show(`${text} and more`); // no quicker
  expect(away).toHaveLength(1);
  await press();
  await press();
  expect(away[1]!.signal.aborted).toBe(true);
  await away[1]!.answer("slow");
  await press();
  await away[2]!.answer(treeNamed("formatted"));
  expect(page.box.textContent).toBe("formatted");
});

test("what was read once is there at once", async () => {
  await show(`${SLOW}once`);
  await away[0]!.answer(treeNamed("known"));
  await show("*a*");
  await show(`${SLOW}once`);
  expect(page.box.textContent).toBe("known");
  expect(away).toHaveLength(1);
});

test("nothing is read for what is not shown any more", async () => {
  await show(`${SLOW}gone`);
  await show("");
  await page.show(null);
  expect(away[0]!.signal.aborted).toBe(true);
});
