import { act } from "react";
import { expect, test, vi } from "vitest";
import { emptyPage } from "../ui/page.fixture";
import { CodeBlock } from "./CodeBlock";
import { draw, type Picture } from "./mermaid";

vi.mock("./mermaid", () => ({ draw: vi.fn() }));

const page = emptyPage();
const button = (): HTMLButtonElement => page.box.querySelector("figcaption button")!;
const said = (): string | null | undefined => page.box.querySelector("[role=status]")?.textContent;

interface Drawing {
  resolve(picture: Picture): void;
  reject(fault: Error): void;
}

/** Shows a diagram's code, has it drawn, and gives what ends that. */
async function drawn(code: string): Promise<Drawing> {
  const drawings: Drawing[] = [];
  vi.mocked(draw).mockReset().mockImplementation(() => new Promise((resolve, reject) => drawings.push({ resolve, reject })));
  await page.show(<CodeBlock code={code} language="mermaid" />);
  await act(async () => button().click());
  await page.wait(0);
  return drawings[0]!;
}

test("a diagram says that it is being drawn, and is drawn once", async () => {
  const drawing = await drawn("graph TD");
  expect([button().textContent, said()]).toEqual(["Drawing the diagram …", "Drawing the diagram …"]);
  expect(button().getAttribute("aria-disabled")).toBe("true");
  await act(async () => button().click());
  await act(async () => drawing.resolve({ src: "data:,", width: 100 }));
  expect([button().textContent, said()]).toEqual(["Show code", ""]);
  expect(draw).toHaveBeenCalledOnce();
  await act(async () => button().click());
  expect(button().textContent).toBe("Draw diagram");
});

test("a diagram that cannot be drawn says so, and can be tried again", async () => {
  const drawing = await drawn("graph nonsense");
  await act(async () => drawing.reject(new Error("No diagram")));
  expect([button().textContent, said()]).toEqual(["Draw diagram", "This diagram cannot be drawn."]);
  await act(async () => button().click());
  expect(draw).toHaveBeenCalledTimes(2);
});

test("what was drawn of a text that has changed since is not shown", async () => {
  const drawing = await drawn("graph TD");
  await page.show(<CodeBlock code="graph LR" language="mermaid" />);
  await act(async () => button().click());
  await act(async () => drawing.resolve({ src: "data:,", width: 100 }));
  expect(page.box.querySelector("img")).toBeNull();
  expect(button().textContent).toBe("Drawing the diagram …");
});
