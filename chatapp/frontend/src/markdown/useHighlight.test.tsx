import type { Root as Tree } from "hast";
import { act } from "react";
import { createRoot, type Root } from "react-dom/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { CodeJob } from "./highlight.worker";
import { useHighlight } from "./useHighlight";

const asked: string[] = [];
let answer: (code: string) => Tree | null | undefined;

vi.mock("./away", () => ({
  inWorker: () => async ({ code }: CodeJob) => {
    asked.push(code);
    return answer(code);
  },
}));

const bold = (code: string): Tree => ({
  type: "root",
  children: [{ type: "element", tagName: "b", properties: {}, children: [{ type: "text", value: code }] }],
});

let page: Root;
let box: HTMLElement;

const Code = ({ code }: { code: string }) => <pre>{useHighlight(code, "python")}</pre>;
const show = (code: string, key = "code") => act(async () => page.render(<Code key={key} code={code} />));
const wait = () => act(async () => vi.advanceTimersByTimeAsync(5000));

beforeEach(() => {
  vi.stubGlobal("IS_REACT_ACT_ENVIRONMENT", true);
  vi.useFakeTimers();
  asked.length = 0;
  answer = bold;
  box = document.createElement("div");
  page = createRoot(box);
});
afterEach(async () => {
  await act(async () => page.unmount());
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("code that is being written stays highlighted as far as it was", async () => {
  await show("one");
  expect(box.innerHTML).toBe("<pre>one</pre>");
  await wait();
  expect(box.innerHTML).toBe("<pre><b>one</b></pre>");
  await show("one two");
  expect(box.innerHTML).toBe("<pre><b>one</b> two</pre>");
  await wait();
  expect(box.innerHTML).toBe("<pre><b>one two</b></pre>");
});

test("code that comes back on the screen is highlighted at once", async () => {
  await show("back");
  await wait();
  await show("back", "another row");
  expect(box.innerHTML).toBe("<pre><b>back</b></pre>");
  expect(asked).toEqual(["back"]);
});

test("code that takes too long stays as it is, and is not tried again with every piece that is added", async () => {
  answer = () => undefined;
  await show("slow");
  await wait();
  await show("slow, and more of it");
  await wait();
  expect(asked).toEqual(["slow"]);
  expect(box.innerHTML).toBe("<pre>slow, and more of it</pre>");
});
