import type { Root as Tree } from "hast";
import { beforeEach, expect, test, vi } from "vitest";
import { emptyPage } from "../ui/page.fixture";
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

const page = emptyPage();
const Code = ({ code }: { code: string }) => <pre>{useHighlight(code, "python")}</pre>;
const show = (code: string, key = "code") => page.show(<Code key={key} code={code} />);
const wait = () => page.wait(5000);

beforeEach(() => {
  asked.length = 0;
  answer = bold;
});

test("code that is being written stays highlighted as far as it was", async () => {
  await show("one");
  expect(page.box.innerHTML).toBe("<pre>one</pre>");
  await wait();
  expect(page.box.innerHTML).toBe("<pre><b>one</b></pre>");
  await show("one two");
  expect(page.box.innerHTML).toBe("<pre><b>one</b> two</pre>");
  await wait();
  expect(page.box.innerHTML).toBe("<pre><b>one two</b></pre>");
});

test("code that comes back on the screen is highlighted at once", async () => {
  await show("back");
  await wait();
  await show("back", "another row");
  expect(page.box.innerHTML).toBe("<pre><b>back</b></pre>");
  expect(asked).toEqual(["back"]);
});

test("code that takes too long stays as it is, and is not tried again with every piece that is added", async () => {
  answer = () => undefined;
  await show("slow");
  await wait();
  await show("slow, and more of it");
  await wait();
  expect(asked).toEqual(["slow"]);
  expect(page.box.innerHTML).toBe("<pre>slow, and more of it</pre>");
});
